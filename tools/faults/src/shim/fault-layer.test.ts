import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { imageAfterPowerLoss, parseJournal } from './disk-journal.ts';
import { ERRNO, FaultControl, faultEnvironment } from './fault-layer.ts';

let folder: string;
let spool: string;
let control: FaultControl;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fault-layer-'));
  spool = join(folder, 'spool');
  mkdirSync(spool);
  control = new FaultControl(join(folder, 'control'));
});
afterEach(() => {
  control.close();
  rmSync(folder, { recursive: true });
});

/** Runs a script on the real Node with the layer below it. */
async function run(script: string): Promise<{ code: number | null; signal: string | null; output: string }> {
  const child = spawn(process.execPath, ['-e', script], {
    cwd: spool,
    env: { ...process.env, ...faultEnvironment({ control: control.file, folder: spool, journal: join(folder, 'journal') }) },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.on('close', (...end) => resolve(end)));
  return { code, signal, output };
}

const WRITE = `
  const fs = require('node:fs'); const path = require('node:path');
  const fd = fs.openSync(path.resolve('segment-000000000001'), 'w+');
  fs.writeSync(fd, Buffer.from('synced..'), 0, 8, 0); fs.fdatasyncSync(fd);
  fs.writeSync(fd, Buffer.from('not synced'), 0, 10, 8);
  console.log('done');`;

it('kills in the middle of a write, half of which is on disk', async () => {
  control.killAt('segment-write', 'middle', 2);
  expect(await run(WRITE)).toMatchObject({ code: null, signal: 'SIGKILL', output: '' });
  expect(control.hasKilled).toBe(true);
  expect(control.inProgress()).toEqual(['segment-write']);
  expect(readFileSync(join(spool, 'segment-000000000001'), 'utf8')).toBe('synced..not s');
});

it('makes a sync fail as the disk would, and only as often as asked', async () => {
  control.failAt('segment-datasync', ERRNO.EIO, 1);
  expect((await run(WRITE)).output).toContain('EIO: i/o error, fdatasync');
  expect((await run(WRITE)).output).toBe('done\n');
  expect(control.seen('segment-datasync')).toBe(2);
});

it('journals what tells the synced from the rest', async () => {
  await run(WRITE);
  const calls = parseJournal(readFileSync(join(folder, 'journal')));
  expect(calls.map(({ kind }) => kind)).toEqual(['create', 'write', 'sync-begins', 'sync-ends', 'write']);
  const left = imageAfterPowerLoss(new Map([['segment-000000000001', Buffer.alloc(0)]]), calls, () => 0.9);
  expect(left.get('segment-000000000001')?.toString()).toBe('synced..');
});

it('moves the wall clock, not the monotonic one', async () => {
  control.moveClock(-3_600);
  const before = Date.now();
  const { output } = await run(`console.log(Date.now(), performance.now() < 60_000)`);
  const [wall, isMonotonic] = output.trim().split(' ');
  expect(Math.abs(before - 3_600_000 - Number(wall))).toBeLessThan(60_000);
  expect(isMonotonic).toBe('true');
});
