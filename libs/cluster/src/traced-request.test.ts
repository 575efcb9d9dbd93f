import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueServerCertificate } from '@k8s-audit/certs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NOBODY, sendTraced, type TracedRequest } from './traced-request.ts';

const ASKED: TracedRequest = { auditId: 'k8s-audit-trace-1', method: 'GET', path: '/session', userAgent: 'k8s-audit/test' };
let server: Server;
let url: string;

beforeAll(async () => {
  const authority = await createAuthority({ nowMs: Date.now() });
  const { certificatePem: cert, privateKeyPem: key } = await issueServerCertificate(authority, ['127.0.0.1'], { nowMs: Date.now() });
  server = createServer({ cert, key });
  server.on('request', (incoming, response) => {
    const { 'audit-id': auditId, 'user-agent': userAgent, authorization } = incoming.headers;
    const own = incoming.url === '/proxied' ? { 'Audit-Id': 'another' } : {};
    incoming.resume();
    response.writeHead(403, own).end(JSON.stringify({ auditId, userAgent, authorization: authorization ?? null }));
  });
  server.on('upgrade', (incoming, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nAudit-Id: ${incoming.headers['audit-id']}\r\n\r\n`,
    );
    socket.end('what the session says');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

it('sends the audit ID, and no credentials as nobody', async () => {
  const answer = await sendTraced(url, ASKED, NOBODY, Date.now);
  expect(answer).toMatchObject({ kind: 'answered', status: 403, auditId: ASKED.auditId });
  expect(answer.kind === 'answered' && JSON.parse(answer.body)).toEqual({
    auditId: ASKED.auditId,
    userAgent: 'k8s-audit/test',
    authorization: null,
  });
});

it('takes the audit ID that the API server wrote down for the right one', async () => {
  expect(await sendTraced(url, { ...ASKED, path: '/proxied' }, NOBODY, Date.now)).toMatchObject({ auditId: 'another' });
});

it('lets a session begin and end', async () => {
  const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
  const answer = await sendTraced(url, { ...ASKED, headers }, NOBODY, Date.now);

  expect(answer).toMatchObject({ kind: 'answered', status: 101, auditId: ASKED.auditId });
  expect(answer.kind === 'answered' && answer.answeredAtMs >= answer.sentAtMs).toBe(true);
});

it('says why nobody answers', async () => {
  expect(await sendTraced('https://127.0.0.1:9', ASKED, NOBODY, Date.now)).toEqual({
    kind: 'unanswered',
    auditId: ASKED.auditId,
    reason: 'ECONNREFUSED',
  });
});
