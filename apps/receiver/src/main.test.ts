import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createAuthority, issueClusterCertificate, issueServerCertificate } from '@k8s-audit/certs';
import { afterEach, beforeEach, expect, it } from 'vitest';

const EVENT = JSON.stringify({
  kind: 'Event',
  level: 'Metadata',
  auditID: '1',
  stage: 'ResponseComplete',
  requestURI: '/',
  verb: 'get',
  user: {},
});
const HALF = 20;

let folder: string;
let tls: { readonly ca: string; readonly cert: string; readonly key: string };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receiver-main-'));
  const at = (name: string): string => join(folder, name);
  const issue = { nowMs: Date.now() };
  const authority = await createAuthority(issue);
  const server = await issueServerCertificate(authority, ['127.0.0.1'], issue);
  const client = await issueClusterCertificate(authority, 'prod-eu', issue);
  tls = { ca: authority.certificatePem, cert: client.certificatePem, key: client.privateKeyPem };
  writeFileSync(at('ca.crt'), authority.certificatePem);
  writeFileSync(at('server.crt'), server.certificatePem);
  writeFileSync(at('server.key'), server.privateKeyPem, { mode: 0o600 });
  const configuration = {
    listen: { address: '127.0.0.1', port: 0 },
    tls: { certificate: at('server.crt'), key: at('server.key'), clientAuthority: at('ca.crt') },
    spool: { folder: at('spool') },
    wazuh: { socket: at('no-manager-yet') },
    admin: { address: '127.0.0.1', port: 0 },
  };
  writeFileSync(at('receiver.yaml'), JSON.stringify(configuration));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function beginPost(url: string): ClientRequest {
  const headers = { 'Content-Length': EVENT.length };
  const post = request(new URL('/prod-eu', url), { ...tls, method: 'POST', headers, agent: false });
  post.write(EVENT.slice(0, HALF));
  return post;
}

it('finishes the request that is under way when it is told to stop, also when it is told twice', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--config', join(folder, 'receiver.yaml')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const events: string[] = [];
  let answer: Promise<[IncomingMessage]> | undefined;
  let post: ClientRequest | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as { readonly event: string; readonly url: string };
    events.push(message.event);
    if (message.event === 'ready') {
      post = beginPost(message.url);
      answer = once(post, 'response') as Promise<[IncomingMessage]>;
      await once(post, 'socket').then(([socket]) => once(socket, 'secureConnect'));
      // The receiver must have begun to read before it is stopped: half a body on the way is what this is about.
      await new Promise((resolve) => setTimeout(resolve, 200));
      child.kill('SIGTERM');
    }
    if (message.event === 'stopping') {
      child.kill('SIGTERM');
      // A process that the second signal kills is gone by then, and the request with it.
      await new Promise((resolve) => setTimeout(resolve, 200));
      post?.end(EVENT.slice(HALF));
    }
  }

  const [response] = (await answer) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  expect(await ended).toEqual([0, null]);
  expect(events.at(-1)).toBe('stopped');
}, 30_000);
