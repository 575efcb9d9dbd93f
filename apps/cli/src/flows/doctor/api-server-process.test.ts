import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findApiServers } from './api-server-process.ts';

let proc: string;
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'proc-'));
  writeFileSync(join(proc, 'stat'), 'cpu  1 2 3\nbtime 1790000000\nprocesses 5\n');
});
afterEach(() => rmSync(proc, { recursive: true }));

/** As proc(5) writes it; a process may call itself `a) R (b`. */
function running(pid: number, command: readonly string[], startTicks: number, name = 'kube-apiserver'): void {
  mkdirSync(join(proc, String(pid)));
  writeFileSync(join(proc, String(pid), 'cmdline'), command.map((part) => `${part}\0`).join(''));
  const behindName = ['S', 1, pid, pid, 0, -1, 4194560, 1, 0, 0, 0, 5, 3, 0, 0, 20, 0, 12, 0, startTicks, 1_000_000];
  writeFileSync(join(proc, String(pid), 'stat'), `${pid} (${name}) ${behindName.join(' ')}\n`);
}

it('finds the API servers that run, with their flags and their start, the oldest first', async () => {
  running(30, ['/usr/local/bin/kube-apiserver', '--audit-policy-file=/etc/p.yaml', '--v', '2'], 20_050, 'a) R (b');
  running(9, ['kube-apiserver', '--secure-port=6443'], 500);
  running(31, ['kube-scheduler'], 600);
  mkdirSync(join(proc, '32'));

  expect(await findApiServers(proc)).toMatchObject([
    { pid: 9, flags: [{ name: 'secure-port', value: '6443' }], startedAtMs: 1_790_000_005_000 },
    {
      pid: 30,
      flags: [
        { name: 'audit-policy-file', value: '/etc/p.yaml' },
        { name: 'v', value: '2' },
      ],
      startedAtMs: 1_790_000_200_500,
      root: join(proc, '30/root'),
    },
  ]);
});

it('finds none where there is no /proc', async () => {
  expect(await findApiServers(join(proc, 'nothing'))).toEqual([]);
});
