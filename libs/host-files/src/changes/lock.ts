import { closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Failure } from '@k8s-audit/failure';

/**
 * Holds a file against every other process of this machine until `release`, or until this process is gone, however it ends.
 * SQLite is what Node offers to take a kernel lock (fcntl) with; the "database" stays an empty file.
 *
 * @throws Failure ALREADY_RUNNING
 */
export function holdLock(path: string): { readonly release: () => void } {
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return { release: () => database.isOpen && database.close() };
  } catch (cause) {
    database.close();
    const isBusy = cause instanceof Error && 'errcode' in cause && cause.errcode === 5; // SQLITE_BUSY
    if (!isBusy) throw cause;
    throw new Failure('ALREADY_RUNNING', `Another process is changing files of this host (${path} is locked).`, {
      hint: 'Wait until it has ended, then try again.',
      cause,
    });
  }
}
