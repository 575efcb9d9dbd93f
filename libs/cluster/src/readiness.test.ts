import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority, issueServerCertificate } from '@k8s-audit/certs';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { type AwaitRestartOptions, awaitRestart, type Restarted } from './await-restart.ts';
import { askReadiness, sendCanary } from './readiness.ts';

let tls: { readonly cert: string; readonly key: string };
const open: Server[] = [];
beforeAll(async () => {
  const issue = { nowMs: Date.now() };
  const { certificatePem, privateKeyPem } = await issueServerCertificate(await createAuthority(issue), ['127.0.0.1'], issue);
  tls = { cert: certificatePem, key: privateKeyPem };
});
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function serve(
  status: number | (() => number),
  body = '',
  port = 0,
): Promise<{ url: string; port: number; seen: string[]; stop: () => Promise<void> }> {
  const seen: string[] = [];
  const server = createServer(tls, (request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['user-agent']}`);
    response.writeHead(typeof status === 'number' ? status : status()).end(body);
  });
  open.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const at = (server.address() as AddressInfo).port;
  return {
    url: `https://127.0.0.1:${at}`,
    port: at,
    seen,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

it.each([
  [200, { kind: 'ready' }],
  [401, { kind: 'ready' }],
  [403, { kind: 'ready' }],
  [500, { kind: 'unready', reason: 'readyz answers 500: etcd, poststarthook/x and 1 more' }],
])('takes an answer of %i for what it says', async (status, expected) => {
  const { url } = await serve(status, '[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/x failed\n[-]y failed\n');
  expect(await askReadiness(url)).toEqual(expected);
});

it('says that nothing answers, and why', async () => {
  const { url, stop } = await serve(200);
  await stop();
  expect(await askReadiness(url)).toEqual({ kind: 'down', reason: 'ECONNREFUSED' });
  expect(await sendCanary(url, { verb: 'GET', path: '/x' })).toBe(false);
});

it('sends a canary that shows who it is', async () => {
  const { url, seen } = await serve(403);
  expect(await sendCanary(url, { verb: 'POST', path: '/api/v1/pods?dryRun=All' })).toBe(true);
  expect(seen).toEqual(['POST /api/v1/pods?dryRun=All k8s-audit/canary']);
});

const wait = (url: string, options: Partial<AwaitRestartOptions> = {}): Promise<Restarted> =>
  awaitRestart({
    url,
    expectRestart: true,
    timeoutMs: 2_000,
    pollMs: 20,
    signal: new AbortController().signal,
    now: Date.now,
    sleep: (ms) => sleep(ms),
    ...options,
  });

it('waits until an API server has gone and come back', async () => {
  const first = await serve(200);
  const states: string[] = [];
  const waiting = wait(first.url, { onState: ({ kind }) => states.push(kind) });
  await sleep(100);
  await first.stop();
  await sleep(100);
  await serve(200, '', first.port);
  expect([await waiting, states]).toEqual([{ kind: 'ready' }, ['down', 'ready']]);
});

it('is not content with one that never went', async () => {
  const { url } = await serve(200);
  expect(await wait(url, { timeoutMs: 300 })).toEqual({ kind: 'not-restarted' });
  expect(await wait(url, { timeoutMs: 1_000, expectRestart: false })).toEqual({ kind: 'ready' });
});

it('nor with one that answers once and goes again', async () => {
  let asked = 0;
  const { url } = await serve(() => (asked++ % 3 === 0 ? 200 : 500));
  expect(await wait(url, { timeoutMs: 500 })).toMatchObject({ kind: 'not-ready' });
});

it('ends when it is stopped', async () => {
  const { url } = await serve(500);
  expect(await wait(url, { signal: AbortSignal.abort() })).toEqual({ kind: 'stopped' });
});
