import { Failure } from '@k8s-audit/failure';
import { describe, expect, it } from 'vitest';
import { environmentOverrides, parseConfiguration } from './configuration.ts';
import { configurationReference } from './configuration-reference.ts';

const LEAST = `
tls: { certificate: server.crt, key: server.key, clientAuthority: ca.crt }
spool: { folder: /var/lib/k8s-audit/spool }
`;

function failureOf(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parseConfiguration', () => {
  it('fills in every default', () => {
    expect(parseConfiguration(LEAST)).toMatchObject({
      listen: { address: '::', port: 8080 },
      wazuh: { socket: '/var/ossec/queue/sockets/queue', wire: 'v1', namedLocation: true },
      limits: { bodyBytes: 268_435_456, itemBytes: 8_388_608 },
    });
  });

  it('reads sizes with units', () => {
    expect(parseConfiguration(`${LEAST}limits: { bodyBytes: 1.5 GiB, itemBytes: 4096, inFlightBytes: 2 GiB }`).limits).toMatchObject({
      bodyBytes: 1_610_612_736,
      itemBytes: 4_096,
    });
  });

  it('names every error with its path, not only the first', () => {
    const { code, message } = failureOf(() => parseConfiguration('listen: { port: 99999, adress: "::" }\nspool: {}'));

    expect(code).toBe('CONFIGURATION_INVALID');
    expect(message).toContain('listen.port: ');
    expect(message).toContain('"adress"');
    expect(message).toContain('tls: ');
    expect(message).toContain('spool.folder: ');
  });

  it.each([
    ['listen: {', 'CONFIGURATION_SYNTAX', 'line 1'],
    ['a: 1\na: 2', 'CONFIGURATION_SYNTAX', 'line 2'],
    ['- a list', 'CONFIGURATION_INVALID', '(top level)'],
    ['just text', 'CONFIGURATION_INVALID', '(top level)'],
    ['', 'CONFIGURATION_INVALID', 'tls: '],
    ['\0\u0001', 'CONFIGURATION_INVALID', '(top level)'],
    [`a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: [*a, *a, *a]`).join('\n')}`, 'CONFIGURATION_SYNTAX', 'alias'],
  ])('refuses %j', (text, code, part) => {
    const failure = failureOf(() => parseConfiguration(text));

    expect(failure.code).toBe(code);
    expect(failure.message).toContain(part);
  });

  it.each([
    ['listen: { address: 0.0.0.0, plainHttp: true }\ntokens: t', 'listen.plainHttp: only on a loopback address'],
    ['listen: { plainHttp: true }\ntokens: t', 'listen.plainHttp: only on a loopback address'],
    ['listen: { address: 127.0.0.1, plainHttp: true }', 'nobody could post'],
    [
      'listen: { address: 127.0.0.1, plainHttp: true }\ntokens: t\ntls: { certificate: a, key: b, clientAuthority: c }',
      'tls: not used with',
    ],
    ['listen: { address: 127.0.0.1 }\ntokens: t', 'tls: needed'],
    [
      'tls: { certificate: a, key: b, clientAuthority: c }\nmigration: { addresses: [10.0.0.0/33], cluster: a, until: 2027-01-31 }',
      'migration.addresses.0',
    ],
    [
      'tls: { certificate: a, key: b, clientAuthority: c }\nmigration: { addresses: [], cluster: a, until: 2027-01-31 }',
      'migration.addresses',
    ],
    [
      'tls: { certificate: a, key: b, clientAuthority: c }\nmigration: { addresses: [10.0.0.7], cluster: A, until: soon }',
      'migration.until',
    ],
    ['tls: { certificate: a, key: b, clientAuthority: c }\nlimits: { unidentifiedConnections: 4096 }', 'limits.unidentifiedConnections'],
    ['tls: { certificate: a, key: b, clientAuthority: c }\nlimits: { bodyBytes: 1 GiB }', 'limits.bodyBytes: more than'],
    [
      'tls: { certificate: a, key: b, clientAuthority: c }\nhealth: { apiServers: [{ url: "http://x:1", cluster: a, authority: b }] }',
      'health.apiServers.0.url',
    ],
    [
      'tls: { certificate: a, key: b, clientAuthority: c }\nhealth: { apiServers: [{ url: "https://u:p@x:1", cluster: a, authority: b }] }',
      'without a user',
    ],
  ])('refuses what does not go together: %s', (text, part) => {
    const { code, message } = failureOf(() => parseConfiguration(`spool: { folder: s }\n${text}`));

    expect(code).toBe('CONFIGURATION_INVALID');
    expect(message).toContain(part);
  });

  it.each(['127.0.0.1', '::1', 'localhost', '/run/k8s-audit.sock'])('takes plain HTTP on %s, when it is asked for', (address) => {
    const text = `{ listen: { address: "${address}", plainHttp: true }, tokens: tokens, spool: { folder: s } }`;

    expect(parseConfiguration(text)).toMatchObject({ listen: { plainHttp: true } });
  });

  it('puts the environment over the file, and flags over both', () => {
    const fromEnvironment = environmentOverrides({ K8S_AUDIT_LISTEN_PORT: '9443', K8S_AUDIT_SPOOL_MAX_BYTES: '1 GiB', UNRELATED: 'x' });

    expect(parseConfiguration(`${LEAST}listen: { port: 1 }`, fromEnvironment)).toMatchObject({
      listen: { port: 9443 },
      spool: { maxBytes: 1_073_741_824 },
    });
    expect(parseConfiguration(LEAST, [...fromEnvironment, ['listen.port', '7']]).listen.port).toBe(7);
  });
});

describe('an agent’s configuration', () => {
  const least = ['sources.logs=[{ path: /var/log/audit.log, cluster: prod }]', 'spool.folder=/var/lib/agent'].map(
    (setting) => setting.split('=') as [string, string],
  );

  it('needs a log, a cluster and a spool; no port, no certificates', () => {
    expect(parseConfiguration('', least, 'agent')).toMatchObject({
      sources: { webhook: false, logs: [{ path: '/var/log/audit.log', cluster: 'prod', start: 'beginning' }] },
      wazuh: { transport: 'agent', socket: '/var/ossec/queue/sockets/queue' },
      admin: { address: '/var/lib/agent/admin.sock' },
    });
  });

  it('may say otherwise', () => {
    const otherwise = 'wazuh: { transport: manager }\nadmin: { address: 127.0.0.1, port: 1 }\nlog: { level: debug }';

    expect(parseConfiguration(otherwise, least, 'agent')).toMatchObject({
      wazuh: { transport: 'manager' },
      admin: { address: '127.0.0.1', port: 1 },
      log: { level: 'debug' },
    });
  });

  it.each([
    ['', 'sources: no way in is left'],
    ['sources: { logs: [{ path: a }] }\nspool: { folder: s }', 'sources.logs.0.cluster: '],
    ['sources: { logs: [{ path: a, cluster: "a b" }] }\nspool: { folder: s }', 'sources.logs.0.cluster: a cluster’s name'],
    [
      'sources: { logs: [{ path: a, cluster: x }, { path: a, cluster: y }] }\nspool: { folder: s }',
      'sources.logs: a path stands there twice',
    ],
    ['sources: 7\nspool: 7\nwazuh: 7', 'spool: '],
    ['- 1', '(top level): '],
  ])('is refused when it is %j', (text, part) => {
    expect(failureOf(() => parseConfiguration(text, [], 'agent')).message).toContain(part);
  });

  it('is a receiver’s where that reads a log without a webhook', () => {
    const text = 'sources: { webhook: false, logs: [{ path: a, cluster: x }] }\nspool: { folder: s }';

    expect(parseConfiguration(text)).toMatchObject({ wazuh: { transport: 'manager' }, admin: { port: 9808 } });
    expect(failureOf(() => parseConfiguration(text.replace('webhook: false, ', ''))).message).toContain('tls: ');
  });
});

describe('the reference', () => {
  it('says of every key what it means', () => {
    expect(configurationReference().filter(({ description }) => description === '')).toEqual([]);
  });
});
