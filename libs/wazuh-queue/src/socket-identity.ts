import { type BigIntStats, statSync } from 'node:fs';

/**
 * Names one bound socket: device, inode and time of birth of its file. A daemon that restarts unlinks and binds again; the
 * inode number alone would not tell, because ext4 gives the freed one out again at once. A mode changed after the bind does
 * not change the identity.
 *
 * @returns undefined for no socket, and for one that this process may not look at
 */
export function readSocketIdentity(path: string): string | undefined {
  const stats = lookAt(path);
  return stats?.isSocket() ? `${stats.dev}:${stats.ino}:${stats.birthtimeNs}` : undefined;
}

/** Whether something that is no socket stands at the path. */
export function isOtherThanSocket(path: string): boolean {
  return lookAt(path)?.isSocket() === false;
}

function lookAt(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // EACCES or ELOOP on the way: what cannot be looked at has no identity, and the connect that follows says why.
    return undefined;
  }
}
