import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a lock without an owner's number may stand: the time between making the folder and writing the number, many times over. */
const UNOWNED_LOCK_MS = 5_000;
const POLL_MS = 250;

export interface LockOptions {
  /** Called once, with the owner's process number, when somebody else holds the lock. */
  readonly onWait?: (owner: number | undefined) => void;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while no other process on this machine does so under the same lock folder. A folder, because making one is atomic everywhere.
 * The lock of a process that has died is taken over.
 */
export async function withLock<T>(lockFolder: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  mkdirSync(dirname(lockFolder), { recursive: true });
  for (let told = false; !take(lockFolder); ) {
    const owner = ownerOf(lockFolder);
    if (isStale(lockFolder, owner)) {
      rmSync(lockFolder, { recursive: true, force: true });
      continue;
    }
    if (!told) options.onWait?.(owner);
    told = true;
    await sleep(POLL_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
  try {
    return await work();
  } finally {
    rmSync(lockFolder, { recursive: true, force: true });
  }
}

function take(lockFolder: string): boolean {
  try {
    mkdirSync(lockFolder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(lockFolder, 'pid'), String(process.pid));
  return true;
}

function ownerOf(lockFolder: string): number | undefined {
  try {
    return Number(readFileSync(join(lockFolder, 'pid'), 'utf8')) || undefined;
  } catch {
    return undefined; // not written yet, or released between our two looks
  }
}

function isStale(lockFolder: string, owner: number | undefined): boolean {
  if (owner !== undefined) return !isAlive(owner);
  try {
    return Date.now() - statSync(lockFolder).mtimeMs > UNOWNED_LOCK_MS;
  } catch {
    return false; // released in the meantime
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
