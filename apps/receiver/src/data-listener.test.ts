import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { EventListScanner } from '@k8s-audit/audit-events';
import { createAuthority, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditEndpoint } from './audit-endpoint.ts';
import { Books } from './books.ts';
import { BytesInFlight } from './bytes-in-flight.ts';
import { parseConfiguration } from './configuration.ts';
import { Connections } from './connections.ts';
import { createDataListener } from './data-listener.ts';
import { EventTrace } from './event-trace.ts';
import { Refusals } from './refusals.ts';

const MAX_BODY_BYTES = 10_000;
const ONE_EVENT = JSON.stringify({
  kind: 'EventList',
  apiVersion: 'audit.k8s.io/v1',
  items: [{ level: 'Metadata', auditID: '1', stage: 'ResponseComplete', requestURI: '/', verb: 'get', user: {} }],
});

const issue = { nowMs: Date.now() };
let authority: KeyAndCertificate;
let otherAuthority: KeyAndCertificate;
let server: KeyAndCertificate;
const clients: Record<string, KeyAndCertificate> = {};
const stored: string[] = [];
let disk: () => Promise<void> = async () => undefined;
let endpoint: AuditEndpoint;
let port = 0;
let listener: ReturnType<typeof createDataListener>['server'];
const { limits } = parseConfiguration('{ tls: { certificate: a, key: b, clientAuthority: c }, spool: { folder: d } }');

beforeAll(async () => {
  [authority, otherAuthority] = await Promise.all([createAuthority(issue), createAuthority(issue)]);
  server = await issueServerCertificate(authority, ['127.0.0.1'], issue);
  clients['prod-eu'] = await issueClusterCertificate(authority, 'prod-eu', issue);
  clients['stranger'] = await issueClusterCertificate(otherAuthority, 'prod-eu', issue);
  // A certificate of our authority that is no client's.
  clients['receiver'] = server;
  endpoint = {
    intake: {
      newScanner: () => new EventListScanner(),
      redact: (item) => item,
      append: async (head, items) => {
        await disk();
        stored.push(...items.map((each) => Buffer.concat([head, each]).toString()));
      },
      quarantine: async () => undefined,
      books: new Books(),
      trace: new EventTrace(Date.now),
      now: Date.now,
    },
    inFlight: new BytesInFlight(15_000, MAX_BODY_BYTES),
    maxBodyBytes: MAX_BODY_BYTES,
    refusals: new Refusals(pino({ level: 'silent' }), Date.now),
    log: pino({ level: 'silent' }),
    trust: () => ({
      tls: { certificate: server.certificatePem, key: server.privateKeyPem, clientAuthority: authority.certificatePem },
      isRevoked: () => false,
      ends: [],
    }),
    connections: new Connections(limits, () => undefined),
    now: Date.now,
    answered: () => undefined,
    unpacked: () => undefined,
    isStopping: () => false,
  };
  listener = createDataListener(limits, endpoint).server;
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  port = (listener.address() as AddressInfo).port;
});

afterEach(() => {
  stored.length = 0;
  disk = async () => undefined;
});

afterAll(() => {
  listener.closeAllConnections();
  listener.close();
});

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly message?: string };
  readonly retryAfter: string | undefined;
}

function post(
  path: string,
  body: string | Buffer,
  options: { client?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const pair = clients[options.client ?? 'prod-eu'];
  const identity = options.client === 'none' ? {} : { cert: pair?.certificatePem, key: pair?.privateKeyPem };
  const agent = new Agent({ ca: authority.certificatePem, keepAlive: false, ...identity });
  return new Promise((resolve, reject) => {
    const length = options.headers?.['Transfer-Encoding'] ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const headers = { ...length, ...options.headers };
    const sent = request({ host: '127.0.0.1', port, path, method: options.method ?? 'POST', agent, headers }, async (response) => {
      const answer = await text(response);
      resolve({
        status: response.statusCode ?? 0,
        body: JSON.parse(answer || '{}') as Answer['body'],
        retryAfter: response.headers['retry-after'],
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** A connection of the cluster prod-eu, below HTTP. */
function dial(options: ConnectionOptions = {}): TLSSocket {
  const pair = clients['prod-eu'];
  return connectTls({
    host: '127.0.0.1',
    port,
    ca: authority.certificatePem,
    cert: pair?.certificatePem,
    key: pair?.privateKeyPem,
    ...options,
  });
}

describe('a cluster asks for its own books', () => {
  const ask = (path: string, client = 'prod-eu'): Promise<Answer & { readonly body: unknown }> => post(path, '', { client, method: 'GET' });

  it('and gets counts and times of its API servers, or of the one it names', async () => {
    const made = new Date(Date.now() - 2_000).toISOString().replace('Z', '000Z');
    await post('/prod-eu/cp-1', ONE_EVENT.replace('"user":{}', `"user":{},"stageTimestamp":"${made}"`));
    await post('/prod-eu/cp-2', ONE_EVENT);

    const { status, body } = await ask('/prod-eu/cp-1');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      cluster: 'prod-eu',
      apiServers: [{ apiServer: 'cp-1', received: 1, lastReceivedAt: expect.any(String) }],
    });
    const [{ lagMs }] = (body as { apiServers: [{ lagMs: number }] }).apiServers;
    expect(lagMs).toBeGreaterThanOrEqual(2_000);
    expect(((await ask('/prod-eu')).body as { apiServers: { apiServer: string }[] }).apiServers.map(({ apiServer }) => apiServer)).toEqual(
      expect.arrayContaining(['cp-1', 'cp-2']),
    );
  });

  it('and not for another cluster’s', async () => {
    expect(await ask('/prod-us')).toMatchObject({ status: 403, body: { code: 'cluster-mismatch' } });
  });
});

describe('who may post', () => {
  it('takes events of the cluster that the certificate names, whatever the path leaves out', async () => {
    for (const path of ['/prod-eu?timeout=30s', '/prod-eu/node-1?timeout=30s', '/']) expect((await post(path, ONE_EVENT)).status).toBe(200);

    expect(stored.map((each) => /\{"cluster".*?\}/.exec(each)?.[0])).toEqual([
      '{"cluster":"prod-eu","apiServer":"-","source":"webhook"}',
      '{"cluster":"prod-eu","apiServer":"node-1","source":"webhook"}',
      '{"cluster":"prod-eu","apiServer":"-","source":"webhook"}',
    ]);
  });

  it('names both clusters when path and certificate disagree', async () => {
    const { status, body } = await post('/prod-us', ONE_EVENT);

    expect([status, body.code]).toEqual([403, 'cluster-mismatch']);
    expect(body.message).toMatch(/prod-us.*prod-eu/);
    expect(stored).toEqual([]);
  });

  it.each([
    ['none', 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'],
    ['stranger', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['receiver', 'INVALID_PURPOSE'],
  ])('refuses the handshake of a client with certificate: %s, and counts why', async (client, code) => {
    await expect(post('/prod-eu', ONE_EVENT, { client })).rejects.toThrow(/alert|socket hang up|ECONNRESET/i);
    expect(stored).toEqual([]);
    await expect.poll(() => endpoint.refusals.snapshot()).toContainEqual({ status: 0, code, count: 1 });
  });

  it('refuses a client that speaks plain text', async () => {
    const answer = new Promise((resolve, reject) => {
      plainRequest({ host: '127.0.0.1', port, method: 'POST' }, resolve).once('error', reject).end(ONE_EVENT);
    });

    await expect(answer).rejects.toThrow();
    expect(stored).toEqual([]);
  });

  it('offers HTTP/1.1 and no HTTP/2', async () => {
    const socket = dial({ ALPNProtocols: ['h2', 'http/1.1'] });
    await once(socket, 'secureConnect');
    const chosen = socket.alpnProtocol;
    socket.destroy();

    expect(chosen).toBe('http/1.1');
  });

  it('answers a valid client while another connection says nothing', async () => {
    const silent = connectTcp(port, '127.0.0.1');
    await once(silent, 'connect');
    const { status } = await post('/prod-eu', ONE_EVENT);
    silent.destroy();

    expect(status).toBe(200);
  });
});

describe('what is answered', () => {
  it.each([
    ['a body without an event', '/prod-eu', '{}', {}, 400, 'no-event'],
    ['an empty body', '/prod-eu', '', {}, 400, 'no-event'],
    ['an unknown path', '/a/b/c', ONE_EVENT, {}, 404, 'unknown-path'],
    ['a body packed otherwise: deflate', '/prod-eu', ONE_EVENT, { headers: { 'Content-Encoding': 'deflate' } }, 415, 'encoded-body'],
    ['a body packed otherwise: br', '/prod-eu', ONE_EVENT, { headers: { 'Content-Encoding': 'br' } }, 415, 'encoded-body'],
    ['a body packed twice', '/prod-eu', ONE_EVENT, { headers: { 'Content-Encoding': 'gzip, gzip' } }, 415, 'encoded-body'],
    ['a body that is no gzip', '/prod-eu', ONE_EVENT, { headers: { 'Content-Encoding': 'gzip' } }, 400, 'no-event'],
    ['a body over the limit', '/prod-eu', 'x'.repeat(MAX_BODY_BYTES + 1), {}, 413, 'body-too-large'],
    ['a PUT', '/prod-eu', '', { method: 'PUT' }, 405, 'method'],
  ])('%s', async (_, path, body, options, status, code) => {
    expect(await post(path, body, options)).toMatchObject({ status, body: { code } });
    expect(stored).toEqual([]);
  });

  describe('to gzip', () => {
    const gzip = { headers: { 'Content-Encoding': 'gzip' } };
    const three = JSON.stringify({ ...JSON.parse(ONE_EVENT), items: [1, 2, 3].map((id) => ({ auditID: String(id), verb: 'get' })) });

    it.each(['gzip', 'GZIP', 'x-gzip'])('named %s: 200, unpacked', async (name) => {
      expect((await post('/prod-eu', gzipSync(three), { headers: { 'Content-Encoding': name } })).status).toBe(200);
      expect(stored).toHaveLength(3);
    });

    it('that breaks off: 200, with what stood before', async () => {
      const packed = gzipSync(three, { level: 0 });
      const { status } = await post('/prod-eu', packed.subarray(0, packed.indexOf('"auditID":"3"')), gzip);

      expect(status).toBe(200);
      expect(stored.map((each) => /"auditID":"\d"/.exec(each)?.[0])).toEqual(['"auditID":"1"', '"auditID":"2"']);
    });

    it('that breaks off before the first event: 400', async () => {
      const answer = await post('/prod-eu', gzipSync(three).subarray(0, 12), gzip);

      expect(answer).toMatchObject({ status: 400, body: { code: 'no-event', message: 'gzip: unexpected end of file' } });
    });

    it('that unpacks to more than a body may have: 413, and no memory is held', async () => {
      const bomb = gzipSync(Buffer.alloc(50 * MAX_BODY_BYTES, 0x20));
      expect(bomb.length).toBeLessThan(MAX_BODY_BYTES);

      expect(await post('/prod-eu', bomb, gzip)).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
      expect(stored).toEqual([]);
      await expect.poll(() => endpoint.inFlight.heldBytes).toBe(0);
    });

    it('of members without end and without content: 413', async () => {
      const members = Buffer.concat(Array.from({ length: MAX_BODY_BYTES / 20 + 1 }, () => gzipSync('')));

      expect((await post('/prod-eu', members, { headers: { ...gzip.headers, 'Transfer-Encoding': 'chunked' } })).status).toBe(413);
    });

    it('is held in the memory budget as it is unpacked', async () => {
      let release = (): void => undefined;
      disk = () => new Promise((resolve) => (release = resolve));
      const first = post('/prod-eu', gzipSync(`${ONE_EVENT}${' '.repeat(8_000)}`), gzip);
      await expect.poll(() => endpoint.inFlight.heldBytes).toBeGreaterThan(8_000);

      expect(await post('/prod-eu', gzipSync(`${ONE_EVENT}${' '.repeat(8_000)}`), gzip)).toMatchObject({
        status: 503,
        body: { code: 'memory-budget' },
        retryAfter: '3',
      });
      release();
      expect((await first).status).toBe(200);
      expect(endpoint.inFlight.heldBytes).toBe(0);
    });
  });

  it('a body that says nothing of its length and goes over the limit', async () => {
    const answer = await post('/prod-eu', 'x'.repeat(MAX_BODY_BYTES + 1), { headers: { 'Transfer-Encoding': 'chunked' } });

    expect(answer.status).toBe(413);
    await expect.poll(() => endpoint.inFlight.heldBytes).toBe(0);
  });

  it('before its 16 MiB were read: also a client that writes all of them first sees the answer', async () => {
    const socket = dial();
    const failed = vi.fn();
    socket.on('error', failed);
    // One that writes all before it reads, as a program without an event loop does.
    socket.pause();
    socket.write(`POST /prod-eu HTTP/1.1\r\nHost: x\r\nContent-Length: ${16 << 20}\r\n\r\n`);
    await new Promise((resolve) => socket.write(Buffer.alloc(16 << 20, 0x20), resolve));
    socket.resume();
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();

    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    expect(failed).not.toHaveBeenCalled();
  });

  it('503 with Retry-After while bodies hold the memory budget, and 200 after it', async () => {
    let release = (): void => undefined;
    disk = () => new Promise((resolve) => (release = resolve));
    const padded = `${ONE_EVENT}${' '.repeat(8_000)}`;
    const first = post('/prod-eu', padded);
    await expect.poll(() => endpoint.inFlight.heldBytes).toBeGreaterThan(8_000);

    expect(await post('/prod-eu', padded)).toMatchObject({ status: 503, body: { code: 'memory-budget' }, retryAfter: '3' });
    release();
    expect((await first).status).toBe(200);
    expect(endpoint.inFlight.heldBytes).toBe(0);
  });

  it.each([
    [new Failure('CONFIGURATION_INVALID', 'x', { hint: '-' }), 'configuration-invalid'],
    [Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }), 'disk-error'],
  ])('503 with Retry-After when the disk refuses: %s', async (error, code) => {
    disk = () => Promise.reject(error);

    expect(await post('/prod-eu', ONE_EVENT)).toMatchObject({ status: 503, body: { code }, retryAfter: '3' });
    expect(endpoint.inFlight.heldBytes).toBe(0);
  });

  it('stores nothing of a body that ends before its length', async () => {
    const socket = dial();
    await once(socket, 'secureConnect');
    socket.write(`POST /prod-eu HTTP/1.1\r\nHost: x\r\nContent-Length: ${ONE_EVENT.length + 10}\r\n\r\n${ONE_EVENT}`);
    await expect.poll(() => endpoint.inFlight.heldBytes).toBeGreaterThan(0);
    socket.destroy();

    await expect.poll(() => endpoint.inFlight.heldBytes).toBe(0);
    expect(stored).toEqual([]);
  });

  it.each([
    'POST /prod-eu HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /prod-eu HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd',
    'POST /prod-eu HTTP/1.1\r\nHost: x\r\n Folded: header\r\n\r\n',
  ])('400 and the end of the connection for a request that two parsers would read differently', async (raw) => {
    const socket = dial();
    await once(socket, 'secureConnect');
    socket.write(raw);

    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    const counted = endpoint.refusals.snapshot().filter(({ status, code }) => status === 400 && code.startsWith('HPE_'));
    expect(counted.length, 'it is counted by what the parser says').toBeGreaterThan(0);
  });
});
