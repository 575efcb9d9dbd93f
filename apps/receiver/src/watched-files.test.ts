import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchFiles } from './watched-files.ts';

const LOOK_MS = 1_000;
let folder: string;
let changes = 0;
const at = (name: string): string => join(folder, name);
const looks = (count: number): void => void vi.advanceTimersByTime(count * LOOK_MS);
beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'watched-files-'));
  changes = 0;
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['is written', () => writeFileSync(at('key'), 'longer than before')],
  ['is replaced', () => [writeFileSync(at('new'), 'b'), renameSync(at('new'), at('key'))]],
  ['goes away', () => unlinkSync(at('key'))],
  ['leads elsewhere', () => [unlinkSync(at('link')), symlinkSync('other', at('link'))]],
])('says once that a file %s, at the first look at which it lies still', (_, change) => {
  for (const name of ['key', 'other']) writeFileSync(at(name), name);
  symlinkSync('key', at('link'));
  const watch = watchFiles(
    () => [at('key'), at('link')],
    () => changes++,
    LOOK_MS,
  );
  looks(3);
  expect(changes).toBe(0);
  change();
  looks(1);
  expect(changes).toBe(0);
  looks(5);
  expect(changes).toBe(1);
  watch.close();
});

it('waits for the key that follows its certificate', () => {
  for (const name of ['crt', 'key']) writeFileSync(at(name), name);
  const watch = watchFiles(
    () => [at('crt'), at('key')],
    () => changes++,
    LOOK_MS,
  );
  for (const [name, content] of [
    ['crt', 'next certificate'],
    ['key', 'next key'],
  ] as const) {
    writeFileSync(at(name), content);
    looks(1);
  }
  expect(changes).toBe(0);
  looks(1);
  expect(changes).toBe(1);
  watch.close();
});

it('takes a file that is named later as it is', () => {
  writeFileSync(at('key'), 'a');
  const files = [at('key')];
  const watch = watchFiles(
    () => files,
    () => changes++,
    LOOK_MS,
  );
  writeFileSync(at('tokens'), 'b');
  files.push(at('tokens'));
  looks(3);
  expect(changes).toBe(0);
  writeFileSync(at('tokens'), 'another');
  looks(2);
  expect(changes).toBe(1);
  watch.close();
});
