import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createAdminServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueServerCertificate } from '@k8s-audit/certs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runActions } from './host-actions.ts';
import { awaitReceiver, type ReceiverReadiness } from './receiver-ready.ts';

let credentials: { readonly cert: string; readonly key: string };
let folder: string;
const servers: Server[] = [];
beforeAll(async () => {
  const authority = await createAuthority({ nowMs: Date.now() });
  const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, ['127.0.0.1'], { nowMs: Date.now() });
  credentials = { cert: certificatePem, key: privateKeyPem };
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ready-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A receiver as it looks from outside: a port with a certificate, and an admin socket that says whether it is ready. */
async function receiver(status: number, says: string): Promise<ReceiverReadiness> {
  const data = createServer(credentials, (_request, response) => void response.writeHead(401).end());
  const admin = createAdminServer((_request, response) => void response.writeHead(status).end(says));
  const adminSocket = join(folder, 'admin.sock');
  servers.push(data, admin);
  data.listen(0, '127.0.0.1');
  admin.listen(adminSocket);
  await Promise.all([once(data, 'listening'), once(admin, 'listening')]);
  const { port } = data.address() as AddressInfo;
  return { listen: { address: '127.0.0.1', port }, fingerprint: new X509Certificate(credentials.cert).fingerprint256, adminSocket };
}

describe('a receiver is ready', () => {
  it('when its port shows the certificate and it says so', async () => {
    await expect(awaitReceiver(await receiver(200, 'ok'), 60_000)).resolves.toBeUndefined();
  });

  it.each([
    ['when it says why not', 503, 'the spool is full', {}, /the spool is full/],
    ['when it says nothing', 503, '', {}, /not ready after 0 s/],
    ['with another certificate', 200, 'ok', { fingerprint: 'AB:CD' }, /another certificate/],
    ['when nobody says so', 200, 'ok', { adminSocket: '/nowhere/admin.sock' }, /\/nowhere\/admin\.sock/],
    ['when nobody listens', 200, 'ok', { listen: { address: '127.0.0.1', port: 1 } }, /port 1: .*ECONNREFUSED/],
  ])('not %s', async (_what, status, says, changed, message) => {
    const readiness = { ...(await receiver(status, says)), ...changed };

    await expect(awaitReceiver(readiness, 0)).rejects.toMatchObject({
      code: 'RECEIVER_NOT_READY',
      message: expect.stringMatching(message),
    });
  });
});

it('an action that awaits it is taken back when it does not come, and says what the program said', async () => {
  const systemctl = join(folder, 'systemctl');
  writeFileSync(systemctl, `#!/bin/sh\necho "$*" >> ${folder}/calls\n`);
  writeFileSync(join(folder, 'journalctl'), '#!/bin/sh\necho "SPOOL_UNSAFE: others can write"\n');
  for (const name of ['systemctl', 'journalctl']) chmodSync(join(folder, name), 0o755);
  const awaits = { ...(await receiver(503, 'stopping')), fingerprint: 'AB:CD' };
  const actions = [
    { says: '', run: [['systemctl', 'stop', 'old']], undo: [['systemctl', 'start', 'old']] },
    {
      says: '',
      run: [['systemctl', 'start', 'new']],
      undo: [['systemctl', 'stop', 'new']],
      awaits,
      withinMs: 1_000,
      explainedBy: ['journalctl'],
    },
  ];

  await expect(runActions(actions, { env: { PATH: folder } })).rejects.toMatchObject({
    code: 'RECEIVER_NOT_READY',
    message: expect.stringContaining('\n  SPOOL_UNSAFE: others can write'),
  });
  expect(existsSync(join(folder, 'calls')) && readFileSync(join(folder, 'calls'), 'utf8')).toBe(
    'stop old\nstart new\nstop new\nstart old\n',
  );
});
