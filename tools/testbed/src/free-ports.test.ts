import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { findFreePorts } from './free-ports.ts';

it('gives ports that differ and can be bound', async () => {
  const ports = await findFreePorts(9);
  expect(new Set(ports).size).toBe(9);

  const server = createServer().listen(ports[0], '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
