import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import type { Owner } from './owner.ts';
import { isSystemError } from './system-error.ts';
import { writeFailure } from './write-failure.ts';

export interface FolderOptions {
  /** Permission bits, e.g. 0o700; the umask does not count. */
  readonly mode: number;
  /** Absent: left as it is. */
  readonly owner?: Owner;
  /** What a folder that is there already gets: mode and owner too (default), or nothing, because it is somebody else's. */
  readonly existing?: 'correct' | 'keep';
}

/**
 * Makes sure that there is a folder; missing parents are made with the defaults of the system.
 *
 * @throws Failure FILE_IS_SYMLINK, FILE_NOT_REGULAR where something else has its name, FILE_UNWRITABLE
 */
export async function makeFolder(path: string, { mode, owner, existing = 'correct' }: FolderOptions): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true }).catch(ignoreExisting);
    const isNew = await mkdir(path, { mode }).then(() => true, ignoreExisting);
    const stats = await lstat(path);
    if (stats.isSymbolicLink())
      throw new Failure('FILE_IS_SYMLINK', `${path} is a symbolic link.`, { hint: 'Give the path of the folder itself.' });
    if (!stats.isDirectory()) throw new Failure('FILE_NOT_REGULAR', `${path} is there and is no folder.`, { hint: 'Choose another path.' });
    if (!isNew && existing === 'keep') return;
    if (owner !== undefined && (stats.uid !== owner.uid || stats.gid !== owner.gid)) await chown(path, owner.uid, owner.gid);
    if ((stats.mode & 0o7777) !== mode) await chmod(path, mode);
  } catch (error) {
    throw isSystemError(error) ? writeFailure(path, error) : error;
  }
}

function ignoreExisting(error: unknown): false {
  if (isSystemError(error) && error.code === 'EEXIST') return false;
  throw error;
}
