import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { Failure } from '@k8s-audit/failure';

/** Where a server listens, as a person would dial it: `127.0.0.1:8080`, `[::1]:8080`, or the path of a unix socket. */
export type BoundAddress = string;

/**
 * Binds a server. An address that begins with `/` is a unix socket's path: what a dead process left there is removed.
 *
 * @throws {Failure} `PORT_TAKEN`, `ADDRESS_UNUSABLE`
 */
export async function listen(
  server: Server,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<BoundAddress> {
  const isPath = address.startsWith('/');
  if (isPath) rmSync(address, { force: true });
  // Both families on `::`; Node's default, written out because an IPv4 client must not depend on a sysctl.
  server.listen(isPath ? { path: address } : { host: address, port, ipv6Only: false });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw listenFailure(cause as NodeJS.ErrnoException, address, port);
  }
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return address;
  return `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
}

function listenFailure(cause: NodeJS.ErrnoException, address: string, port: number): Failure {
  if (cause.code === 'EADDRINUSE')
    return new Failure('PORT_TAKEN', `another program listens on port ${port} of ${address}`, {
      hint: `stop it (ss -ltnp 'sport = :${port}' names it), or choose another port; 0 takes a free one`,
      cause,
    });
  const hint =
    cause.code === 'EACCES' ? 'ports below 1024 need a privilege; choose a higher one' : 'listen on an address of this machine, or on ::';
  return new Failure('ADDRESS_UNUSABLE', `cannot listen on port ${port} of ${address}: ${cause.message}`, { hint, cause });
}
