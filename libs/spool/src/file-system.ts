/**
 * The few calls through which the spool touches the disk: its only seam to the operating system. The real one is
 * node-file-system.ts; `testing/` holds one that loses power and one that fails on command.
 *
 * What the spool relies on, and nothing more:
 * - `write` reaches the disk at an unknown time and in any order, sector by sector, until `datasync` has resolved.
 * - created, renamed and removed names are durable only after `syncFolder`.
 * - after a rejected `datasync` the state of everything written since the last good one is unknown for ever: Linux marks
 *   the pages clean, so that a second call reports success for data that never arrived ("fsyncgate",
 *   https://wiki.postgresql.org/wiki/Fsync_Errors).
 */
export interface SpoolFileSystem {
  /** `create` fails when the name is taken; nothing follows a symbolic link. New files have mode 0600. */
  open(path: string, how: 'create' | 'read' | 'write'): Promise<SpoolFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Names in the folder, in no order. */
  list(folder: string): Promise<readonly string[]>;
  /** Creates the folder (mode 0700) and its parents; one that is there is left as it is. */
  makeFolder(folder: string): Promise<void>;
  syncFolder(folder: string): Promise<void>;
  /** Does not follow a symbolic link. `undefined`: there is nothing of that name. */
  status(path: string): Promise<FileStatus | undefined>;
  /** Takes a lock that the operating system releases when the process ends, however it ends. `undefined`: another holds it. */
  lock(path: string): Promise<HeldLock | undefined>;
}

export interface SpoolFile {
  /** Fills `target` from `offset`; fewer bytes only at the file's end. */
  read(target: Uint8Array, offset: number): Promise<number>;
  /** Writes all of `bytes` at `offset`, or rejects, and then any part of it may have been written. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

export interface FileStatus {
  readonly kind: 'file' | 'folder' | 'other';
  readonly ownerId: number;
  /** The lowest twelve bits: permissions. */
  readonly mode: number;
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

export interface HeldLock {
  release(): Promise<void>;
}

/** The error code of a failed call, `EIO` say; empty when it is no error of the operating system. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
