import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from '../testing/index.ts';
import { droppedIn, readApiServerCounters } from './api-server-counters.ts';

/** As kube-apiserver 1.35.4 writes them. */
const METRICS = `# HELP apiserver_audit_error_total [ALPHA] Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.
# TYPE apiserver_audit_error_total counter
apiserver_audit_error_total{plugin="buffered"} 1200
apiserver_audit_error_total{plugin="webhook"} 34
apiserver_audit_error_total{plugin="log"} 5
# HELP apiserver_audit_event_total [ALPHA] Counter of audit events generated and sent to the audit backend.
# TYPE apiserver_audit_event_total counter
apiserver_audit_event_total 90000
`;

let folder: string;
let server: Server;
let url: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'api-server-counters-'));
  const certificates = await makeCertificates();
  writeFileSync(at('ca.crt'), certificates.authority.certificatePem);
  writeFileSync(at('token'), 'scraper\n');
  server = createServer({ cert: certificates.server.certificatePem, key: certificates.server.privateKeyPem }, (request, response) => {
    const isAllowed = request.url === '/metrics' && request.headers.authorization === 'Bearer scraper';
    response.writeHead(isAllowed ? 200 : 403).end(isAllowed ? METRICS : '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

it('counts what the webhook’s buffer and the webhook gave up, and not the log’s', () => {
  expect(droppedIn(METRICS)).toBe(1_234);
  expect(droppedIn('apiserver_audit_error_total 5\n')).toBe(0);
});

it('reads them with a token', async () => {
  expect(await readApiServerCounters({ url, cluster: 'a', authority: at('ca.crt'), token: at('token') })).toEqual({
    kind: 'counters',
    dropped: 1_234,
  });
});

it.each([
  ['may not', () => ({ url, authority: at('ca.crt') }), /answered with 403/],
  ['is not who it says', () => ({ url, authority: '/etc/ssl/certs/ca-certificates.crt-none' }), /no file/i],
  ['is not there', () => ({ url: 'https://127.0.0.1:1', authority: at('ca.crt') }), /ECONNREFUSED/],
])('says why when it %s', async (_, make, reason) => {
  expect(await readApiServerCounters({ cluster: 'a', ...make() })).toEqual({ kind: 'unavailable', reason: expect.stringMatching(reason) });
});
