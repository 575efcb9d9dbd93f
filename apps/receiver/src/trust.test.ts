import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, renameSync } from 'node:fs';
import { Agent } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { createAuthority, issueClusterCertificate, issueServerCertificate } from '@k8s-audit/certs';
import { publishCrl } from '@k8s-audit/certs/testing';
import { createToken, renderRevokedLine, renderTokenFile } from '@k8s-audit/client-access';
import { afterEach, describe, expect, it } from 'vitest';
import { oneEvent, ReceiverProcess } from './testing/index.ts';

const DAY_MS = 86_400_000;
let receiver: ReceiverProcess;
afterEach(() => receiver.remove());

const token = (cluster: string, days?: number) =>
  createToken(cluster, { nowMs: Date.now() - 2 * DAY_MS, randomBytes, ...(days === undefined ? {} : { days }) });
const bearer = (text: string) => ({ headers: { Authorization: `Bearer ${text}` } });
const refusals = async (): Promise<readonly unknown[]> =>
  (JSON.parse((await receiver.ask('/books')).text) as { refusals: readonly unknown[] }).refusals;

describe('tokens', () => {
  it('stand for their cluster, agree with the path, and end when they are revoked, without a restart', async () => {
    const [eu, us, old] = [token('prod-eu'), token('prod-us'), token('prod-eu', 1)];
    receiver = await ReceiverProcess.create((folder) => ({ tokens: `${folder}/tokens` }));
    receiver.write('tokens', renderTokenFile([eu.entry, us.entry, old.entry]));
    await receiver.start();
    const agent = await receiver.agent(undefined);

    expect((await receiver.post('/prod-eu', oneEvent('1'), { agent, ...bearer(eu.token) })).status).toBe(200);
    expect(await receiver.post('/prod-us', oneEvent('2'), { agent, ...bearer(eu.token) })).toMatchObject({
      status: 403,
      body: { code: 'cluster-mismatch', message: 'the path says cluster prod-us, the token says prod-eu' },
    });
    for (const text of [`${eu.token.slice(0, -1)}!`, old.token, 'x', eu.entry.sha256])
      expect(await receiver.post('/prod-eu', oneEvent('3'), { agent, ...bearer(text) })).toMatchObject({
        status: 401,
        body: { code: 'token-unknown' },
      });
    expect(await receiver.post('/prod-eu', oneEvent('4'), { agent })).toMatchObject({ status: 401, body: { code: 'no-credentials' } });
    // A certificate counts as before, and before a token.
    const withCertificate = { agent: await receiver.agent('prod-us'), ...bearer(eu.token) };
    expect(await receiver.post('/prod-eu', oneEvent('5'), withCertificate)).toMatchObject({ status: 403 });
    expect((await receiver.post('/prod-us', oneEvent('6'), withCertificate)).status).toBe(200);

    receiver.write('tokens', renderTokenFile([us.entry]));
    await expect.poll(() => receiver.events('reloaded').length, { timeout: 10_000 }).toBe(1);
    expect(await receiver.post('/prod-eu', oneEvent('7'), { agent, ...bearer(eu.token) })).toMatchObject({ status: 401 });
    expect(JSON.stringify(receiver.log)).not.toContain(eu.token);
    expect(receiver.events('refused').map(({ code }) => code)).toContain('cluster-mismatch');
  });

  it('let no certificate in that another authority signed', async () => {
    receiver = await ReceiverProcess.create((folder) => ({ tokens: `${folder}/tokens` }));
    receiver.write('tokens', '');
    await receiver.start();
    const stranger = await issueClusterCertificate(await createAuthority({ nowMs: Date.now() }), 'prod-eu', { nowMs: Date.now() });
    const agent = new Agent({
      ca: receiver.certificates.authority.certificatePem,
      cert: stranger.certificatePem,
      key: stranger.privateKeyPem,
    });

    await expect(receiver.post('/prod-eu', oneEvent('1'), { agent })).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await refusals()).toContainEqual({ status: 0, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', count: 1 });
  });
});

describe('a migration', () => {
  const until = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

  it('lets listed addresses post without a certificate as its one cluster, and says so each day', async () => {
    receiver = await ReceiverProcess.create({ migration: { addresses: ['127.0.0.0/30'], cluster: 'old-one', until: until(0) } });
    await receiver.start();
    const agent = await receiver.agent(undefined);

    expect((await receiver.post('/', oneEvent('1'), { agent })).status).toBe(200);
    expect(await receiver.post('/prod-eu', oneEvent('2'), { agent })).toMatchObject({
      status: 403,
      body: { message: 'the path says cluster prod-eu, the migration says old-one' },
    });
    await expect.poll(() => receiver.delivered().filter((line) => line.includes('"kind": "migration-open"'))).toHaveLength(1);
  });

  it.each([
    ['other addresses', { addresses: ['10.0.0.0/8', '127.0.0.8/29'], cluster: 'old-one', until: until(1) }, 'no-credentials'],
    ['once it has ended', { addresses: ['127.0.0.1'], cluster: 'old-one', until: until(-1) }, 'migration-over'],
  ])('is closed to %s', async (_, migration, code) => {
    receiver = await ReceiverProcess.create({ migration });
    await receiver.start();

    expect(await receiver.post('/old-one', oneEvent('1'), { agent: await receiver.agent(undefined) })).toMatchObject({
      status: 401,
      body: { code },
    });
  });
});

describe('plain HTTP', () => {
  it('takes tokens on a loopback address, and nobody without', async () => {
    const { token: text, entry } = token('prod-eu');
    receiver = await ReceiverProcess.create((folder) => ({
      listen: { address: '127.0.0.1', port: 0, plainHttp: true },
      tls: undefined,
      tokens: `${folder}/tokens`,
    }));
    receiver.write('tokens', renderTokenFile([entry]));
    await receiver.start();

    expect(receiver.url).toMatch(/^http:/);
    expect((await receiver.post('/prod-eu', oneEvent('1'), bearer(text))).status).toBe(200);
    expect((await receiver.post('/prod-eu', oneEvent('1'))).status).toBe(401);
  });
});

describe('revocation', () => {
  async function openConnection(): Promise<TLSSocket> {
    const { certificatePem, privateKeyPem } = await receiver.certificates.client('prod-eu');
    const { port } = new URL(receiver.url);
    const socket = connect({
      host: '127.0.0.1',
      port: Number(port),
      ca: receiver.certificates.authority.certificatePem,
      cert: certificatePem,
      key: privateKeyPem,
    });
    await once(socket, 'secureConnect');
    return socket;
  }
  const certificateOf = async (cluster: string) => new X509Certificate((await receiver.certificates.client(cluster)).certificatePem);

  it('by the plain list ends open connections and refuses requests, and leaves the other cluster alone', async () => {
    receiver = await ReceiverProcess.create((folder) => ({
      tls: {
        certificate: `${folder}/server.crt`,
        key: `${folder}/server.key`,
        clientAuthority: `${folder}/ca.crt`,
        revoked: `${folder}/revoked`,
      },
    }));
    receiver.write('revoked', '');
    await receiver.start();
    const [eu, us] = [await receiver.agent('prod-eu'), await receiver.agent('prod-us')];
    expect((await receiver.post('/prod-eu', oneEvent('1'), { agent: eu })).status).toBe(200);
    const open = await openConnection();
    const closed = once(open, 'close');

    const { serialNumber: serial, fingerprint256: fingerprint } = await certificateOf('prod-eu');
    appendFileSync(receiver.at('revoked'), renderRevokedLine({ serial, fingerprint }, 'key copied'));
    receiver.signal('SIGHUP');

    await closed;
    expect(await receiver.post('/prod-eu', oneEvent('2'), { agent: eu })).toMatchObject({
      status: 403,
      body: { code: 'certificate-revoked' },
    });
    expect((await receiver.post('/prod-us', oneEvent('3'), { agent: us })).status).toBe(200);
  });

  it('by the authority’s CRL refuses the handshake, a resumed one too', async () => {
    receiver = await ReceiverProcess.create((folder) => ({
      tls: {
        certificate: `${folder}/server.crt`,
        key: `${folder}/server.key`,
        clientAuthority: `${folder}/ca.crt`,
        crl: `${folder}/ca.crl`,
      },
    }));
    const inForce = { thisUpdateMs: Date.now() - 1_000, nextUpdateMs: Date.now() + DAY_MS };
    const { authority } = receiver.certificates;
    receiver.write('ca.crl', await publishCrl(authority, [], inForce));
    await receiver.start();
    const agent = await receiver.agent('prod-eu', { maxCachedSessions: 10 });
    expect((await receiver.post('/prod-eu', oneEvent('1'), { agent })).status).toBe(200);

    receiver.write('next.crl', await publishCrl(authority, [(await certificateOf('prod-eu')).serialNumber], inForce));
    renameSync(receiver.at('next.crl'), receiver.at('ca.crl'));
    await expect.poll(() => receiver.events('reloaded').length, { timeout: 10_000 }).toBe(1);

    await expect(receiver.post('/prod-eu', oneEvent('2'), { agent })).rejects.toThrow(/revoked|hang up|ECONNRESET/);
    expect((await receiver.post('/prod-us', oneEvent('3'), { agent: await receiver.agent('prod-us') })).status).toBe(200);
    expect(await refusals()).toContainEqual({ status: 0, code: 'CERT_REVOKED', count: 1 });
  });
});

describe('a reload', () => {
  it('shows a renewed certificate to new connections while an open one goes on', async () => {
    receiver = await ReceiverProcess.create();
    await receiver.start();
    const agent = await receiver.agent('prod-eu', { keepAlive: true, maxSockets: 1 });
    const shown = async (): Promise<string> => {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(receiver.url).port), rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    expect((await receiver.post('/prod-eu', oneEvent('1'), { agent })).status).toBe(200);
    const renewed = await issueServerCertificate(receiver.certificates.authority, ['127.0.0.1'], { nowMs: Date.now() });
    const before = await shown();
    // Key and certificate come one after the other, as they do: in between nothing is read.
    receiver.write('server.key', renewed.privateKeyPem);
    receiver.write('server.crt', renewed.certificatePem);

    await expect.poll(shown, { timeout: 10_000 }).toBe(new X509Certificate(renewed.certificatePem).fingerprint256);
    expect(before).toBe(new X509Certificate(receiver.certificates.server.certificatePem).fingerprint256);
    expect((await receiver.post('/prod-eu', oneEvent('2'), { agent })).status).toBe(200);
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
    expect(receiver.events('reload-failed')).toEqual([]);
    agent.destroy();
  });

  it('keeps the old configuration when the new one is broken, and says so until it is mended', async () => {
    receiver = await ReceiverProcess.create();
    await receiver.start();
    const agent = await receiver.agent('prod-eu');
    const metric = async (name: string): Promise<string | undefined> =>
      (await receiver.ask('/metrics')).text.split('\n').find((line) => line.startsWith(`${name} `));

    receiver.write('server.crt', 'no certificate');
    receiver.signal('SIGHUP');
    await expect.poll(() => receiver.events('reload-failed').length).toBeGreaterThan(0);
    expect((await receiver.post('/prod-eu', oneEvent('1'), { agent })).status).toBe(200);
    expect(await receiver.ask('/readyz')).toMatchObject({
      status: 200,
      text: expect.stringContaining('warning: the configuration on disk is not in effect: tls:'),
    });
    expect(await metric('k8s_audit_configuration_stale')).toBe('k8s_audit_configuration_stale 1');

    receiver.write('server.crt', receiver.certificates.server.certificatePem);
    receiver.configure({ log: { level: 'debug' }, limits: { connections: 5000 } });
    receiver.signal('SIGHUP');
    await expect
      .poll(() => receiver.events('reloaded').at(-1))
      .toMatchObject({ changed: ['log.level'], restartNeeded: ['limits.connections'] });
    expect((await receiver.ask('/readyz')).text).toBe('ok\n');
    expect(await metric('k8s_audit_configuration_stale')).toBe('k8s_audit_configuration_stale 0');

    receiver.write('receiver.yaml', 'listen: {');
    await expect.poll(() => receiver.events('reload-failed').at(-1), { timeout: 10_000 }).toMatchObject({ reason: 'file-changed' });
    expect((await receiver.post('/prod-eu', oneEvent('2'), { agent })).status).toBe(200);
  });

  it('shows what is in effect, and no secret of it', async () => {
    const { token: text, entry } = token('prod-eu', 30);
    receiver = await ReceiverProcess.create((folder) => ({ tokens: `${folder}/tokens` }));
    receiver.write('tokens', renderTokenFile([entry]));
    await receiver.start();
    const shown = (await receiver.ask('/config')).text;

    expect(JSON.parse(shown)).toMatchObject({
      configuration: { tokens: receiver.at('tokens'), limits: { connections: 4096 } },
      tokens: [{ id: entry.id, cluster: 'prod-eu' }],
    });
    for (const secret of [text, entry.sha256, 'BEGIN', receiver.certificates.server.privateKeyPem.split('\n')[1] as string])
      expect(shown).not.toContain(secret);
  });
});
