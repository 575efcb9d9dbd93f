import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { parseCertificates } from '@k8s-audit/certs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';
import { type ChildProgram, startChildProgram } from './child-program.ts';

/** A real receiver as a process, and clients as API servers are: one that looks at its files all the time, one that is a step behind. */
let cwd: string;
let receiver: ChildProgram;
let port: string;
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'rotate-while-running-'));
  await run('certs create --dir d --san 127.0.0.1 --cluster prod-eu');
  writeFileSync(join(cwd, 'revoked'), '');
  const tls = { certificate: 'server.crt', key: 'server.key', clientAuthority: 'ca.crt' };
  const configuration = {
    listen: { address: '127.0.0.1', port: 0 },
    tls: {
      ...Object.fromEntries(Object.entries(tls).map(([key, file]) => [key, join(cwd, 'd/receiver', file)])),
      revoked: join(cwd, 'revoked'),
    },
    spool: { folder: join(cwd, 'spool') },
    wazuh: { transport: 'file', file: { path: join(cwd, 'events.log') } },
    admin: { address: join(cwd, 'admin.sock') },
    log: { format: 'json' },
  };
  writeFileSync(join(cwd, 'receiver.yaml'), JSON.stringify(configuration));
  receiver = await startChildProgram('receiver', ['--config', join(cwd, 'receiver.yaml')]);
  ({ port } = new URL(String(receiver.ready['url'])));
});
afterEach(async () => {
  await receiver.stop();
  rmSync(cwd, { recursive: true, force: true });
});

const run = (args: string): Promise<CommandResult> => runCommand(args.split(' '), { cwd, nowMs: Date.now() });

interface ClientFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
const clientFiles = (): ClientFiles => {
  const read = (name: string): string => readFileSync(join(cwd, 'd/clusters/prod-eu', name), 'utf8');
  return { ca: read('audit-ca.cert'), cert: read('audit-client.cert'), key: read('audit-client.key') };
};
/** As client-go: a key that does not fit its certificate is no reason to stop, the last good pair goes on. */
const lastGood = (before: ClientFiles): ClientFiles => {
  const files = clientFiles();
  try {
    createSecureContext(files);
    return files;
  } catch {
    return before;
  }
};

const EVENT_LIST = JSON.stringify({
  kind: 'EventList',
  apiVersion: 'audit.k8s.io/v1',
  items: [{ level: 'Metadata', auditID: 'a', stage: 'ResponseComplete', requestURI: '/api', verb: 'get', user: { username: 'jane' } }],
});
/** One POST over a connection of its own: its handshake is what may fail. */
const post = (files: ClientFiles): Promise<string> =>
  new Promise((resolve) => {
    const outgoing = request(`https://127.0.0.1:${port}/prod-eu`, { ...files, method: 'POST', agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(String(response.statusCode)));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    outgoing.end(EVENT_LIST);
  });
/** Until the running receiver shows what is on disk, and, by its log, has read whom to trust. */
const taken = async (): Promise<void> => {
  await vi.waitFor(async () => expect((await run(`certs status --dir d --dial 127.0.0.1:${port} -o json`)).exitCode).toBe(0), {
    timeout: 15_000,
    interval: 200,
  });
  await sleep(TRUST_READ_MS);
};
/** It looks at its files once a second, and reads them when they have lain still for one look. */
const TRUST_READ_MS = 2_500;

it('refuses no request while certificates and the authority are changed', async () => {
  const answers = new Map<string, number>();
  let current = clientFiles();
  let behind = current;
  let isOver = false;
  const clients = (async () => {
    while (!isOver) {
      current = lastGood(current);
      for (const [who, files] of [['current', current] as const, ['a step behind', behind] as const]) {
        const answer = `${who}: ${await post(files)}`;
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    }
  })();
  const steps = ['', ' --authority begin', ' --authority switch --distributed', ' --authority finish --distributed'];
  for (const step of steps) {
    const before = clientFiles();
    expect((await run(`certs rotate --dir d${step}`)).exitCode).toBe(0);
    await taken();
    // What the step has made reaches the second client only now; the next step comes when it has.
    behind = step === ' --authority finish --distributed' ? behind : clientFiles();
    expect(before).not.toEqual(clientFiles());
  }
  isOver = true;
  await clients;

  expect([...answers.keys()].sort()).toEqual(['a step behind: 200', 'current: 200']);
  expect(Math.min(...answers.values())).toBeGreaterThan(20);
}, 60_000);

it('refuses a revoked certificate within seconds, and takes its successor', async () => {
  const stolen = clientFiles();
  const [{ serialNumber }] = parseCertificates(stolen.cert);
  await run('certs rotate --dir d --cluster prod-eu');
  expect([await post(stolen), await post(clientFiles())]).toEqual(['200', '200']);

  await run(`certs revoke --list revoked --serial ${serialNumber}`);
  await vi.waitFor(async () => expect(await post(stolen)).not.toBe('200'), { timeout: 15_000, interval: 200 });
  expect(await post(clientFiles())).toBe('200');
}, 60_000);
