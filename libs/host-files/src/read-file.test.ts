import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readHostFile, readHostText } from './read-file.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-files-'));
  writeFileSync(at('small'), 'hello');
  writeFileSync(at('empty'), '');
  writeFileSync(at('large'), Buffer.alloc(200_000, 'x'));
  writeFileSync(at('latin1'), Buffer.from([0x62, 0xfc]));
  writeFileSync(at('bom'), '\ufeffx');
  writeFileSync(at('closed'), 'x');
  chmodSync(at('closed'), 0);
  symlinkSync('small', at('link'));
  symlinkSync('nowhere', at('dangling'));
  symlinkSync('loop', at('loop'));
  spawnSync('mkfifo', [at('pipe')]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('reads a file whole, also an empty one, a large one and one without a size', async () => {
  expect(await readHostText(at('small'))).toBe('hello');
  expect(await readHostFile(at('empty'))).toHaveLength(0);
  expect((await readHostFile(at('large'))).equals(Buffer.alloc(200_000, 'x'))).toBe(true);
  expect(await readHostText('/proc/self/status')).toMatch(/^Name:/);
});

it('keeps a byte order mark: what is written back must be what was read', async () => {
  expect(await readHostText(at('bom'))).toBe('\ufeffx');
});

it('takes exactly as many bytes as are allowed', async () => {
  expect(await readHostText(at('small'), { maxBytes: 5 })).toBe('hello');
  await expect(readHostText(at('small'), { maxBytes: 4 })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
  await expect(readHostFile('/dev/zero', { maxBytes: 4 })).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
});

it('follows a link unless it must not', async () => {
  expect(await readHostText(at('link'))).toBe('hello');
  await expect(readHostText(at('link'), { symlinks: 'refuse' })).rejects.toMatchObject({ code: 'FILE_IS_SYMLINK' });
});

it.each([
  ['missing', 'FILE_MISSING'],
  ['small/under-a-file', 'FILE_MISSING'],
  ['dangling', 'FILE_MISSING'],
  ['loop', 'FILE_IS_SYMLINK'],
  ['.', 'FILE_NOT_REGULAR'],
  ['pipe', 'FILE_NOT_REGULAR'],
  ['latin1', 'FILE_UNREADABLE'],
])('refuses %s with %s', async (name, code) => {
  await expect(readHostText(at(name))).rejects.toMatchObject({ code });
});

// Root reads everything.
it.skipIf(process.getuid?.() === 0)('says that a file may not be read', async () => {
  await expect(readHostText(at('closed'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE', hint: expect.stringContaining('ls -l') });
});
