import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { listen } from './listen.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    if (server.listening) await once(server, 'close');
  }
});

function newServer(): Server {
  const server = createServer((socket) => socket.end());
  servers.push(server);
  return server;
}

it('says where it listens', async () => {
  const server = newServer();

  expect(await listen(server, { address: '127.0.0.1', port: 0 })).toBe(`127.0.0.1:${(server.address() as AddressInfo).port}`);
});

it('takes IPv4 and IPv6 clients on ::', async () => {
  const address = await listen(newServer(), { address: '::', port: 0 });
  const port = Number(address.split(':').at(-1));

  expect(address).toBe(`[::]:${port}`);
  await expect(listen(newServer(), { address: '127.0.0.1', port })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
});

it('says who has a taken port, and what to do', async () => {
  const port = Number((await listen(newServer(), { address: '127.0.0.1', port: 0 })).split(':')[1]);

  await expect(listen(newServer(), { address: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: `another program listens on port ${port} of 127.0.0.1`,
    hint: expect.stringContaining(`sport = :${port}`),
  });
});

it('refuses an address of another machine', async () => {
  await expect(listen(newServer(), { address: '192.0.2.1', port: 0 })).rejects.toMatchObject({ code: 'ADDRESS_UNUSABLE' });
});

it('takes the place of a dead process’s unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'listen-'));
  const path = join(folder, 'admin.sock');
  writeFileSync(path, '');

  expect(await listen(newServer(), { address: path, port: 0 })).toBe(path);
  expect(existsSync(path)).toBe(true);
  rmSync(folder, { recursive: true });
});
