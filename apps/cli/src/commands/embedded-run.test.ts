import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../testing/run-command.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'embedded-run-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it.each(['SIGTERM', 'SIGINT'] as const)('says when it is ready, and ends in order by %s', async (signal) => {
  const child = spawn(process.execPath, [MAIN, 'embedded', 'run', '--home', home], { stdio: ['ignore', 'pipe', 'inherit'] });
  const events: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as Record<string, unknown>;
    events.push(event);
    if (event['event'] === 'ready') child.kill(signal);
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(events.map((event) => event['event'])).toEqual(['rules-loaded', 'ready', 'stopped']);
  expect(events[1]).toMatchObject({ home, socket: join(home, 'queue/sockets/queue'), archives: join(home, 'logs/archives/archives.json') });
  expect(events[2]).toMatchObject({ received: 0, unwritten: 0 });
});

it('goes when whoever started it with a channel is gone', async () => {
  const child = spawn(process.execPath, [MAIN, 'embedded', 'run', '--home', home], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    if (line.includes('"ready"')) child.disconnect();
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it.each([[['--alert-level', '0']], [['--alert-level', '17']], [['--alert-level', 'x']], [['--rotate', 'hourly']]])(
  'refuses %j',
  async (args) => {
    expect(await runCommand(['embedded', 'run', '--home', home, ...args])).toMatchObject({ exitCode: 2 });
  },
);

it('needs a home', async () => {
  expect(await runCommand(['embedded', 'run'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--home') });
});
