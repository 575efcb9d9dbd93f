import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

let folder: string;
const started: number[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leash-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Where the leash fails, this test must not leave behind what it is about.
afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

/** A runner that starts one child, which starts one of its own; prints both numbers. */
async function startRunner(ending: string): Promise<{ readonly runner: ReturnType<typeof spawn>; readonly pids: readonly number[] }> {
  const script = `
    import { startProcess } from ${JSON.stringify(new URL('./started-process.ts', import.meta.url).href)};
    import { readFileSync } from 'node:fs';
    const child = startProcess({ name: 'child', command: '/bin/sh', args: ['-c', 'sleep 600 & echo $$ $!; wait'], logFile: ${JSON.stringify(join(folder, `${ending.length}.log`))} });
    const poll = setInterval(() => {
      const said = readFileSync(child.logFile, 'utf8').trim();
      if (said === '') return;
      clearInterval(poll);
      console.log(said);
      ${ending}
    }, 20);`;
  const runner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: runner.stdout }), 'line')) as [string];
  const pids = line.split(' ').map(Number);
  started.push(...pids);
  return { runner, pids };
}

async function waitUntilGone(pids: readonly number[]): Promise<readonly number[]> {
  for (let round = 0; round < 200 && pids.some(isAlive); round++) await sleep(25);
  return pids.filter(isAlive);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('takes children and grandchildren along when the process is killed with SIGKILL', async () => {
  const { runner, pids } = await startRunner('');
  expect(pids.filter(isAlive)).toHaveLength(2);

  runner.kill('SIGKILL');

  expect(await waitUntilGone(pids)).toEqual([]);
});

it('takes them along when the process exits without stopping them', async () => {
  const { pids } = await startRunner('process.exit(0);');

  expect(await waitUntilGone(pids)).toEqual([]);
});

it('lets the process end by itself once its children have ended', async () => {
  const { runner, pids } = await startRunner('child.stop(5000);');
  const [code] = (await once(runner, 'exit')) as [number];

  expect(code).toBe(0);
  expect(await waitUntilGone(pids)).toEqual([]);
});
