import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type StartedProcess, startProcess } from './started-process.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'started-process-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function shell(name: string, script: string): Promise<StartedProcess> {
  const child = startProcess({ name, command: '/bin/sh', args: ['-c', script], logFile: join(folder, 'logs', `${name}.log`) });
  for (let round = 0; round < 200 && !readFileSync(child.logFile, 'utf8').includes('up'); round++) await sleep(20);
  return child;
}

it('ends a child with SIGTERM when it goes in time', async () => {
  const child = await shell('polite', 'trap "exit 7" TERM; echo up; while :; do sleep 0.05; done');

  expect(await child.stop(10_000)).toEqual({ code: 7, signal: null, killed: false });
  expect(child.isRunning()).toBe(false);
});

it('kills a child that does not go, and says so', async () => {
  const child = await shell('deaf', 'trap "" TERM; echo up; while :; do sleep 0.05; done');

  expect(await child.stop(100)).toEqual({ code: null, signal: 'SIGKILL', killed: true });
});

it('kills a child without asking', async () => {
  const child = await shell('unwarned', 'trap "exit 7" TERM; echo up; while :; do sleep 0.05; done');

  expect(await child.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  expect(await child.kill()).toEqual({ code: null, signal: 'SIGKILL' });
});

it('stops twice without harm', async () => {
  const child = await shell('twice', 'echo up; exec sleep 600');
  await child.stop(5_000);

  expect(await child.stop(5_000)).toMatchObject({ signal: 'SIGTERM', killed: false });
});

it('keeps what the child says, and shows the end of it', async () => {
  const child = await shell('talker', 'echo one; echo two >&2; echo up');
  await child.ended;

  expect(readFileSync(child.logFile, 'utf8')).toBe('one\ntwo\nup\n');
  expect(child.tail(2)).toBe('two\nup');
});

it('reports a command that does not exist as an end, not as a crash', async () => {
  const child = startProcess({ name: 'absent', command: join(folder, 'absent'), args: [], logFile: join(folder, 'absent.log') });

  expect((await child.ended).error).toMatchObject({ code: 'ENOENT' });
});
