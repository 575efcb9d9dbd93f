import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';

/** Where a server listens, as a person would dial it: `127.0.0.1:8080`, `[::1]:8080`, or the path of a unix socket. */
export type BoundAddress = string;

/**
 * Binds a server. An address that begins with `/` is a unix socket's path: what a dead process left there is removed. A socket that
 * systemd has bound already is taken as it is.
 *
 * @throws {Failure} `PORT_TAKEN`, `ADDRESS_UNUSABLE`
 */
export async function listen(
  server: Server,
  { address, port }: { readonly address: string; readonly port: number },
  inherited?: { readonly fd: number },
): Promise<BoundAddress> {
  const isPath = address.startsWith('/');
  if (inherited !== undefined) server.listen({ fd: inherited.fd });
  else if (isPath) {
    rmSync(address, { force: true });
    server.listen({ path: address });
  }
  // Both families on `::`; Node's default, written out because an IPv4 client must not depend on a sysctl.
  else server.listen({ host: address, port, ipv6Only: false });
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

/** Takes no new connection and waits until the open ones have ended. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}

/** The same for HTTP: idle connections end at once, others with their request, and all of them when the time is over. */
export async function finishRequests(server: HttpServer | HttpsServer, withinMs: number): Promise<void> {
  const closed = closeServer(server);
  server.closeIdleConnections();
  await Promise.race([closed, sleep(withinMs, undefined, { ref: false })]);
  server.closeAllConnections();
  await closed;
}

/** What a client on this machine puts in for an address that means all of them. */
export function dialled(bound: BoundAddress): string {
  return bound.replace(/^\[::\]:/, 'localhost:').replace(/^0\.0\.0\.0:/, '127.0.0.1:');
}
