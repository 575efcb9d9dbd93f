import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createAuthority, issueClusterCertificate, issueServerCertificate } from '@k8s-audit/certs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ReplayTarget, replay } from './replay.ts';

let folder: string;
let file: string;
let server: Server;
let target: ReplayTarget;
let posts: { readonly body: string; readonly atMs: number }[];
let answers: number[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  file = join(folder, 'recording.jsonl');
  [posts, answers] = [[], []];
  const issue = { nowMs: Date.now() };
  const authority = await createAuthority(issue);
  const own = await issueServerCertificate(authority, ['127.0.0.1'], issue);
  const client = await issueClusterCertificate(authority, 'demo', issue);
  server = createServer({ cert: own.certificatePem, key: own.privateKeyPem }, async (request, response) => {
    posts.push({ body: await text(request), atMs: performance.now() });
    const status = answers.shift() ?? 200;
    response.writeHead(status, status === 503 ? { 'Retry-After': '0' } : {}).end(JSON.stringify({ code: `code-${status}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = {
    url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/demo`),
    authority: authority.certificatePem,
    certificate: client.certificatePem,
    key: client.privateKeyPem,
  };
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const listAt = (second: number): string =>
  `{"items":[{"auditID":"${second}","stageTimestamp":"2026-11-08T15:45:${String(second).padStart(2, '0')}.000000Z"}]}`;
const ids = (): string[] => posts.map(({ body }) => (JSON.parse(body) as { items: { auditID: string }[] }).items[0]?.auditID ?? '');

describe('replay', () => {
  it('goes as fast as it is taken, in order', async () => {
    writeFileSync(file, [listAt(0), listAt(50), listAt(59)].join('\n'));

    expect(await replay(file, target, { signal: new AbortController().signal })).toMatchObject({ lists: 3, events: 3, refused: {} });
    expect(ids()).toEqual(['0', '50', '59']);
  });

  it('keeps the recording’s own time, so many times as fast', async () => {
    writeFileSync(file, [listAt(0), listAt(10), listAt(5), listAt(30)].join('\n'));
    const startedAt = performance.now();
    await replay(file, target, { speed: 100, signal: new AbortController().signal });

    // None comes before its time; how much later, the machine decides. A step back in time is not waited for.
    expect(ids()).toEqual(['0', '10', '5', '30']);
    const [, second, third, last] = posts.map(({ atMs }) => atMs - startedAt) as [number, number, number, number];
    expect(second).toBeGreaterThanOrEqual(99);
    expect(third).toBeGreaterThanOrEqual(99);
    expect(last).toBeGreaterThanOrEqual(299);
  });

  it('ends in the middle of a wait when it is told to', async () => {
    writeFileSync(file, [listAt(0), listAt(59)].join('\n'));
    const stop = new AbortController();
    const replaying = replay(file, target, { speed: 0.001, signal: stop.signal });
    while (posts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();

    expect(await replaying).toMatchObject({ lists: 1 });
  });

  it('posts again what is answered with 503, counts what is refused, and goes on', async () => {
    writeFileSync(file, [listAt(0), listAt(1), listAt(2)].join('\n'));
    answers = [503, 503, 200, 400, 200];

    expect(await replay(file, target, { signal: new AbortController().signal })).toMatchObject({
      lists: 3,
      events: 2,
      refused: { '400 code-400': 1 },
    });
    expect(ids()).toEqual(['0', '0', '0', '1', '2']);
  });

  it.each([401, 403])('stops where it is not let in: %i', async (status) => {
    writeFileSync(file, listAt(0));
    answers = [status];

    await expect(replay(file, target, { signal: new AbortController().signal })).rejects.toMatchObject({ code: 'REPLAY_REFUSED' });
  });
});
