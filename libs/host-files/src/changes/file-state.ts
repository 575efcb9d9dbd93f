import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import type { Owner } from '../owner.ts';
import { readHostFile } from '../read-file.ts';
import { isSystemError } from '../system-error.ts';

/** A file as it is at a moment, without its bytes. */
export type FileState =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'file';
      readonly sha256: string;
      /** Permission bits. */
      readonly mode: number;
      readonly owner: Owner;
    };

/** @throws Failure FILE_IS_SYMLINK, FILE_NOT_REGULAR, FILE_UNREADABLE, FILE_TOO_LARGE: what cannot be put back must not be changed */
export async function readFileState(path: string): Promise<{ readonly state: FileState; readonly bytes: Buffer }> {
  const stats = await lstat(path).catch(ignoreMissing);
  if (stats === undefined) return { state: { kind: 'absent' }, bytes: Buffer.alloc(0) };
  const bytes = await readHostFile(path, { symlinks: 'refuse' });
  return { state: fileState(bytes, stats.mode & 0o7777, { uid: stats.uid, gid: stats.gid }), bytes };
}

export function fileState(bytes: Uint8Array, mode: number, owner: Owner): FileState {
  return { kind: 'file', sha256: sha256Of(bytes), mode, owner };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function isSameState(one: FileState, other: FileState): boolean {
  if (one.kind === 'absent' || other.kind === 'absent') return one.kind === other.kind;
  return one.sha256 === other.sha256 && one.mode === other.mode && one.owner.uid === other.owner.uid && one.owner.gid === other.owner.gid;
}

function ignoreMissing(error: unknown): undefined {
  if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
  throw error;
}
