import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './build-lock.ts';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-lock-'));
  lock = join(folder, 'deep', 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('lets one at a time in, and tells the other whom it waits for', async () => {
  const order: string[] = [];
  const waits: (number | undefined)[] = [];
  const work = (name: string) => async (): Promise<void> => {
    order.push(`${name} in`);
    await sleep(50);
    order.push(`${name} out`);
  };
  await Promise.all([withLock(lock, work('first')), withLock(lock, work('second'), { onWait: (owner) => waits.push(owner) })]);

  expect(order).toEqual(['first in', 'first out', 'second in', 'second out']);
  expect(waits).toEqual([process.pid]);
});

it('is free again after work that failed', async () => {
  await expect(withLock(lock, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');

  expect(existsSync(lock)).toBe(false);
});

it('takes over from an owner that has died', async () => {
  const { pid } = spawnSync('/bin/true');
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, 'pid'), String(pid));

  expect(await withLock(lock, async () => 'mine')).toBe('mine');
});

it('takes over a lock whose owner died before it wrote its number', async () => {
  mkdirSync(lock, { recursive: true });
  utimesSync(lock, new Date(0), new Date(0));

  expect(await withLock(lock, async () => 'mine')).toBe('mine');
});

it('gives up waiting when it is told to', async () => {
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, 'pid'), String(process.pid));
  const stop = new AbortController();

  await expect(withLock(lock, async () => 'mine', { signal: stop.signal, onWait: () => stop.abort() })).rejects.toThrow('aborted');
  expect(existsSync(lock)).toBe(true);
});
