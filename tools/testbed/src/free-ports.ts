import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Asks the system for `count` free loopback ports. All are held open until the last is known, so that no number is given twice; another process
 * may still take one before its user binds it, which then fails with a message of its own.
 */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(async (server) => {
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        return (server.address() as { port: number }).port;
      }),
    );
  } finally {
    for (const server of servers) server.close();
  }
}
