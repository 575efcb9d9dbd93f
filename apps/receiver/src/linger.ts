import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';

/** Enough for a client across the world to see its answer and stop; kube-apiserver stops at once. */
const LINGER_MS = 3_000;

/**
 * Reads and throws away what a client still sends of a body that was refused, so that it can read why. A connection that is closed while
 * bytes wait unread in it is reset, and a reset takes the answer away from the client (RFC 9112, 9.6): it would see a broken connection
 * instead of 503 and Retry-After. A body that ends meanwhile leaves the connection as good as it was; one that does not is cut off.
 */
export function lingerOver(request: IncomingMessage): void {
  const cutOff = setTimeout(() => request.socket.destroy(), LINGER_MS);
  finished(request, { writable: false }, () => clearTimeout(cutOff));
  request.resume();
}
