import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Passes TLS through, and can keep the receiver's answers back: the API server's POST arrives and is stored, but it never hears of it.
 * Without a key it cannot see an answer; so of a connection everything that comes after the client's second flight is kept back: the
 * first is its hello, the second its certificate, and answers come only behind that.
 */
export class SwallowingProxy {
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  isSwallowing = false;

  private constructor(target: () => number) {
    this.#server = createServer((client) => this.#connect(client, target()));
  }

  static async listen(port: number, target: () => number): Promise<SwallowingProxy> {
    const proxy = new SwallowingProxy(target);
    proxy.#server.listen(port, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connect(client: Socket, port: number): void {
    const receiver = connect({ host: '127.0.0.1', port });
    let flights = 0;
    for (const socket of [client, receiver]) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    }
    client.on('data', (chunk) => {
      flights++;
      receiver.write(chunk);
    });
    receiver.on('data', (chunk) => {
      if (!this.isSwallowing || flights < 2) client.write(chunk);
    });
    client.once('close', () => receiver.destroy());
    receiver.once('close', () => client.destroy());
  }
}
