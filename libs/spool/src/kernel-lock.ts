import { closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { HeldLock } from './file-system.ts';

/**
 * Locks a file against every other process on this machine, also one in another container that shares the folder.
 *
 * A file with a process id in it was not good enough: ids mean nothing across containers, and taking over a stale one
 * is a race. Node has no flock of its own, but SQLite, which is built into Node, takes kernel locks (fcntl), and those
 * vanish with the process that held them, SIGKILL and power loss included. The "database" stays an empty file.
 */
export async function takeKernelLock(path: string): Promise<HeldLock | undefined> {
  // SQLite would create it readable by all; nobody but the owner has business with it.
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: async () => database.close() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5; // SQLITE_BUSY
}
