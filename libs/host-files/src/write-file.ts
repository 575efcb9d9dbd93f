import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import type { Owner } from './owner.ts';
import { isSystemError } from './system-error.ts';
import { writeFailure } from './write-failure.ts';

export interface WriteOptions {
  /** Permission bits, e.g. 0o600; the umask does not count. Absent: those of the file that is replaced, else 0o644. */
  readonly mode?: number;
  /** Absent: the owner of the file that is replaced, else of this process. */
  readonly owner?: Owner;
  /** Default refuse. */
  readonly existing?: 'refuse' | 'replace';
}

/**
 * Writes a file so that everybody sees all of the old content or all of the new, also after a power cut:
 * a temporary file in the same folder, fsync, rename, fsync of the folder.
 *
 * The temporary file begins with a dot, which the kubelet overlooks in its manifests folder. A symbolic link is neither followed
 * nor replaced: who could plant one would choose where a key goes.
 *
 * @throws Failure FILE_EXISTS, FILE_IS_SYMLINK, FILE_NOT_REGULAR, FILE_UNWRITABLE; nothing is left behind
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array, options: WriteOptions = {}): Promise<void> {
  const existing = options.existing ?? 'refuse';
  try {
    const replaced = await replacedFile(path, existing);
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      await writeDurably(temporary, content, options.mode ?? replaced?.mode ?? 0o644, options.owner ?? replaced?.owner);
      if (existing === 'replace') await rename(temporary, path);
      else await linkInto(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(ignoreMissing);
      throw error;
    }
    await syncFolder(dirname(path));
  } catch (error) {
    throw isSystemError(error) ? writeFailure(path, error) : error;
  }
}

async function replacedFile(path: string, existing: 'refuse' | 'replace'): Promise<{ mode: number; owner: Owner } | undefined> {
  const stats = await lstat(path).catch(ignoreMissing);
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink())
    throw new Failure('FILE_IS_SYMLINK', `${path} is a symbolic link, and will not be written through.`, {
      hint: 'Give the path of the file itself, or remove the link.',
    });
  if (!stats.isFile())
    throw new Failure('FILE_NOT_REGULAR', `${path} is ${stats.isDirectory() ? 'a folder' : 'no regular file'}.`, {
      hint: 'Choose another path.',
    });
  if (existing === 'refuse')
    throw new Failure('FILE_EXISTS', `${path} is already there.`, { hint: 'Choose another path, or say that it may be replaced.' });
  return { mode: stats.mode & 0o7777, owner: { uid: stats.uid, gid: stats.gid } };
}

async function writeDurably(temporary: string, content: string | Uint8Array, mode: number, owner: Owner | undefined): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file: FileHandle = await open(temporary, flags, 0o600);
  try {
    // Owner before mode: a change of owner clears set-id bits, and the content comes last, when nobody else can read it.
    // Only where it differs: a service whose system calls are filtered may not call it at all.
    const { uid, gid } = await file.stat();
    if (owner !== undefined && (owner.uid !== uid || owner.gid !== gid)) await file.chown(owner.uid, owner.gid);
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A link fails where a rename would overwrite: two writers that race cannot both win. */
async function linkInto(temporary: string, path: string): Promise<void> {
  await link(temporary, path);
  await unlink(temporary);
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: unknown): undefined {
  if (isSystemError(error) && error.code === 'ENOENT') return undefined;
  throw error;
}
