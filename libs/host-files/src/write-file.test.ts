import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';
import { writeFailure } from './write-failure.ts';
import { writeFileAtomically } from './write-file.ts';

let folder: string;
let umask: number;
const at = (name: string): string => join(folder, name);
const modeOf = (name: string): string => (statSync(at(name)).mode & 0o7777).toString(8);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-files-'));
  umask = process.umask(0o077);
});
afterEach(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true, force: true });
});

it('writes text and bytes with the mode that is asked for, whatever the umask', async () => {
  await writeFileAtomically(at('key'), 'secret', { mode: 0o600 });
  await writeFileAtomically(at('public'), new Uint8Array([1, 2]), { mode: 0o664 });
  await writeFileAtomically(at('plain'), '');

  expect([readFileSync(at('key'), 'utf8'), [...readFileSync(at('public'))]]).toEqual(['secret', [1, 2]]);
  expect([modeOf('key'), modeOf('public'), modeOf('plain')]).toEqual(['600', '664', '644']);
  expect(readdirSync(folder).sort()).toEqual(['key', 'plain', 'public']);
});

it('refuses a file that is there, and leaves it alone', async () => {
  writeFileSync(at('a'), 'old');

  await expect(writeFileAtomically(at('a'), 'new')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  expect(readFileSync(at('a'), 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a']);
});

it('replaces it when told so: a new inode, with the old mode', async () => {
  writeFileSync(at('a'), 'old');
  chmodSync(at('a'), 0o640);
  const { ino } = statSync(at('a'));
  await writeFileAtomically(at('a'), 'new', { existing: 'replace' });

  expect([readFileSync(at('a'), 'utf8'), modeOf('a')]).toEqual(['new', '640']);
  expect(statSync(at('a')).ino).not.toBe(ino);
});

it('lets one of many writers win', async () => {
  const writers = Array.from({ length: 20 }, (_, index) => writeFileAtomically(at('a'), `writer ${index}`));
  const results = await Promise.allSettled(writers);

  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(readFileSync(at('a'), 'utf8')).toBe(`writer ${results.findIndex(({ status }) => status === 'fulfilled')}`);
  expect(readdirSync(folder)).toEqual(['a']);
});

it.each(['refuse', 'replace'] as const)('neither follows nor replaces a symbolic link (%s)', async (existing) => {
  writeFileSync(at('target'), 'old');
  symlinkSync('target', at('link'));
  symlinkSync('nowhere', at('dangling'));

  await expect(writeFileAtomically(at('link'), 'new', { existing })).rejects.toMatchObject({ code: 'FILE_IS_SYMLINK' });
  await expect(writeFileAtomically(at('dangling'), 'new', { existing })).rejects.toMatchObject({ code: 'FILE_IS_SYMLINK' });
  expect([readFileSync(at('target'), 'utf8'), readlinkSync(at('link')), existsSync(at('nowhere'))]).toEqual(['old', 'target', false]);
});

it('names what is in the way', async () => {
  mkdirSync(at('folder'));
  writeFileSync(at('file'), '');
  const codeOf = (path: string): Promise<unknown> => writeFileAtomically(at(path), 'x').catch((error: unknown) => error);

  expect(await codeOf('folder')).toMatchObject({ code: 'FILE_NOT_REGULAR' });
  expect(await codeOf('missing/file')).toMatchObject({
    code: 'FILE_UNWRITABLE',
    message: expect.stringContaining('folder does not exist'),
  });
  expect(await codeOf('file/below')).toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect(await codeOf(`${'x'.repeat(300)}`)).toMatchObject({ code: 'FILE_UNWRITABLE' });
});

it.each([
  ['ENOSPC', /disk is full/],
  ['EDQUOT', /disk is full/],
  ['EROFS', /read-only/],
  ['EACCES', /may not write/],
  ['EPERM', /owner or mode/],
  ['EIO', /i\/o error/],
])('explains %s', (code, message) => {
  const cause = Object.assign(new Error('EIO: i/o error'), { code, errno: -1 });
  expect(writeFailure('/x', cause)).toMatchObject({ code: 'FILE_UNWRITABLE', message: expect.stringMatching(message) });
});

// Only root may give files away.
it.skipIf(process.getuid?.() !== 0)('gives a file and a folder to the owner that is asked for', async () => {
  await makeFolder(at('receiver'), { mode: 0o750, owner: { uid: 4_321, gid: 8_765 } });
  await writeFileAtomically(at('receiver/key'), 'x', { mode: 0o600, owner: { uid: 4_321, gid: 8_765 } });
  await writeFileAtomically(at('receiver/key'), 'y', { existing: 'replace' });

  for (const name of ['receiver', 'receiver/key']) expect(lstatSync(at(name))).toMatchObject({ uid: 4_321, gid: 8_765 });
  expect(modeOf('receiver/key')).toBe('600');
});

it('makes a folder with its parents, and closes one that stands open', async () => {
  await makeFolder(at('a/b/ca'), { mode: 0o700 });
  mkdirSync(at('open'));
  chmodSync(at('open'), 0o777);
  await makeFolder(at('open'), { mode: 0o700 });

  expect([modeOf('a/b/ca'), modeOf('open')]).toEqual(['700', '700']);
});

it('leaves a folder alone that is somebody else’s, and makes a missing one whatever the umask', async () => {
  mkdirSync(at('theirs'), { mode: 0o711 });
  chmodSync(at('theirs'), 0o711);
  await makeFolder(at('theirs'), { mode: 0o755, existing: 'keep' });
  await makeFolder(at('new'), { mode: 0o755, existing: 'keep' });

  expect([modeOf('theirs'), modeOf('new')]).toEqual(['711', '755']);
});

it('makes no folder where something else stands', async () => {
  writeFileSync(at('file'), '');
  mkdirSync(at('real'));
  symlinkSync('real', at('link'));

  await expect(makeFolder(at('file'), { mode: 0o700 })).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
  await expect(makeFolder(at('link'), { mode: 0o700 })).rejects.toMatchObject({ code: 'FILE_IS_SYMLINK' });
  await expect(makeFolder(at('file/below'), { mode: 0o700 })).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});
