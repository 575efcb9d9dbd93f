import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { ClientCredentials } from './audit-client.ts';

/** What a hostile or broken client does, byte by byte: connections without an HTTP client in between. */
export type Handshake = { readonly kind: 'connected'; readonly socket: TLSSocket } | { readonly kind: 'refused'; readonly code: string };

export function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** A TLS handshake; with TLS 1.3 a client certificate is judged after it, so the first answer or end is waited for. */
export async function handshake(url: string, credentials: Partial<ClientCredentials>, options: ConnectionOptions = {}): Promise<Handshake> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: portOf(url),
    ...(credentials.authority === undefined ? {} : { ca: credentials.authority }),
    ...(credentials.certificate === undefined ? {} : { cert: credentials.certificate }),
    ...(credentials.key === undefined ? {} : { key: credentials.key }),
    ...options,
  });
  let refusal = '';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    refusal ||= error.code ?? error.message;
  });
  const closed = once(socket, 'close').then(
    () => 'closed' as const,
    () => 'closed' as const,
  );
  const secured = new Promise<'secured'>((resolve) => socket.once('secureConnect', () => resolve('secured')));
  const first = await Promise.race([secured, closed, sleep(15_000, 'closed' as const, { ref: false })]);
  if (first === 'secured') {
    // Judged by the server only now.
    const second = await Promise.race([closed, sleep(150, 'open' as const)]);
    if (second === 'open') return { kind: 'connected', socket };
  }
  socket.destroy();
  return { kind: 'refused', code: refusal || 'closed' };
}

/** Sends text over a good connection and returns all that comes back until the server ends it, or goes quiet. */
export async function exchange(
  socket: Socket,
  text: string | Uint8Array,
  quietMs = 1_500,
): Promise<{ readonly answer: string; readonly isClosed: boolean }> {
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(
    () => true,
    () => true,
  );
  socket.write(text);
  const isClosed = await Promise.race([closed, sleep(quietMs, false)]);
  socket.destroy();
  return { answer, isClosed };
}

/** Plain connections that say nothing; resolves when all are open or failed. */
export async function openIdle(url: string, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  for (let from = 0; from < count; from += 500) {
    const some = Array.from({ length: Math.min(500, count - from) }, () => {
      const socket = connectTcp({ host: '127.0.0.1', port: portOf(url) });
      socket.on('error', () => undefined);
      return socket;
    });
    await Promise.all(some.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined)));
    sockets.push(...some);
  }
  return sockets;
}
