import { closeSocket, connectTo, ERRNO, openDatagramSocket, setTimeouts } from './libc.ts';
import { isOtherThanSocket, readSocketIdentity } from './socket-identity.ts';
import type { WaitingReason } from './transport.ts';

export type Attempt =
  | { readonly kind: 'connected'; readonly fd: number; readonly reader: string }
  | { readonly kind: 'refused'; readonly reason: WaitingReason; readonly detail: string };

/** How long one blocking send waits for a stalled reader; so `close` never waits longer. */
const SEND_TIMEOUT_MS = 250;

/** Tries once. The identity is read before and after, so that it is the identity of the very socket that was connected to. */
export function connectOnce(path: string): Attempt {
  const fd = openDatagramSocket();
  if (fd < 0) return refusal(-fd, path);
  const before = readSocketIdentity(path);
  const errno = connectTo(fd, path);
  if (errno === 0 && before !== undefined && before === readSocketIdentity(path)) {
    setTimeouts(fd, SEND_TIMEOUT_MS);
    return { kind: 'connected', fd, reader: before };
  }
  closeSocket(fd);
  return errno === 0 ? { kind: 'refused', reason: 'absent', detail: `${path} was replaced just now` } : refusal(errno, path);
}

/**
 * Looks whether a reader that we are connected to still lives. `unknown` when its file is gone: it may read on, and
 * only the next send tells.
 */
export function probeReader(path: string, reader: string): 'alive' | 'gone' | 'unknown' {
  const attempt = connectOnce(path);
  if (attempt.kind === 'connected') {
    closeSocket(attempt.fd);
    return attempt.reader === reader ? 'alive' : 'gone';
  }
  return attempt.reason === 'absent' && readSocketIdentity(path) === reader ? 'gone' : 'unknown';
}

function refusal(errno: number, path: string): Attempt {
  switch (errno) {
    case ERRNO.ENOENT:
    case ERRNO.ENOTDIR:
      return { kind: 'refused', reason: 'absent', detail: `${path} does not exist` };
    case ERRNO.ECONNREFUSED:
      return isOtherThanSocket(path)
        ? { kind: 'refused', reason: 'not-a-datagram-socket', detail: `${path} is no socket` }
        : { kind: 'refused', reason: 'absent', detail: `nobody reads from ${path}` };
    case ERRNO.EPROTOTYPE:
      return { kind: 'refused', reason: 'not-a-datagram-socket', detail: `${path} is a socket of another type` };
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return {
        kind: 'refused',
        reason: 'not-permitted',
        detail: `no permission to write to ${path}; the sender must be in the socket’s group`,
      };
    default:
      return { kind: 'refused', reason: 'no-resources', detail: `${path} cannot be opened now (errno ${errno})` };
  }
}
