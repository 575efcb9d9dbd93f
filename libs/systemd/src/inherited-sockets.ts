import type { Environment } from './environment.ts';

/** A listening socket that systemd opened and keeps while the service restarts (sd_listen_fds(3)). */
export interface InheritedSocket {
  readonly fd: number;
  /** FileDescriptorName= of the socket unit; by default the unit's own name. */
  readonly name: string;
}

const FIRST_FD = 3;
const MAX_FDS = 64;

/** None when they are meant for another process: a child inherits the variables too. */
export function inheritedSockets(env: Environment, pid: number): readonly InheritedSocket[] {
  const count = Number(env['LISTEN_FDS'] ?? 0);
  if (env['LISTEN_PID'] !== String(pid) || !Number.isInteger(count) || count < 1 || count > MAX_FDS) return [];
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':');
  return Array.from({ length: count }, (_, index) => ({ fd: FIRST_FD + index, name: names[index] || 'unknown' }));
}
