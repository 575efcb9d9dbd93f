import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ReceiverProcess } from './receiver-process.ts';

/** How a connection of the crowd behaves. */
export type CrowdKind =
  /** Opens and says nothing. */
  | 'silent'
  /** Half a TLS record, and then nothing. */
  | 'half-hello'
  /** Known by its certificate: a header line every second. */
  | 'slow-headers'
  /** Known by its certificate: announces a body and sends a byte every second. */
  | 'slow-body';

export interface Crowd {
  /** Connections that are open at this moment. */
  readonly open: number;
  /** Connections that were made; those that the receiver closed were made anew. */
  readonly made: number;
  leave(): void;
}

/** Of the clients that a test starts at once; more would only fill the listen backlog. */
const AT_ONCE = 200;
const TRICKLE_MS = 1_000;
/** A crowd that is thrown out comes back after this. */
const COME_BACK_MS = 5_000;

/**
 * Connections that hold what they can get and give nothing: as many of each kind as asked for, until they are told to leave. Only
 * addresses of this machine are ever dialled.
 */
export async function gatherCrowd(receiver: ReceiverProcess, counts: Partial<Record<CrowdKind, number>>): Promise<Crowd> {
  const { hostname, port } = new URL(receiver.url);
  if (!/^(127\.|localhost$|\[::1\]$)/.test(hostname)) throw new Error(`a crowd stays on this machine, ${hostname} is another`);
  const client = await receiver.certificates.client('crowd');
  const identity = { ca: receiver.certificates.authority.certificatePem, cert: client.certificatePem, key: client.privateKeyPem };
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let hasLeft = false;
  let made = 0;

  const join = (kind: CrowdKind): Promise<void> =>
    new Promise((resolve) => {
      const isKnown = kind === 'slow-headers' || kind === 'slow-body';
      const socket = isKnown ? connectTls({ host: '127.0.0.1', port: Number(port), ...identity }) : connect(Number(port), '127.0.0.1');
      made++;
      sockets.add(socket);
      let trickle: NodeJS.Timeout | undefined;
      socket.on('error', () => undefined);
      socket.once(isKnown ? 'secureConnect' : 'connect', () => {
        if (kind === 'half-hello') socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]));
        if (kind === 'slow-headers') socket.write('POST /crowd HTTP/1.1\r\nHost: x\r\n');
        if (kind === 'slow-body') socket.write('POST /crowd HTTP/1.1\r\nHost: x\r\nContent-Length: 4096\r\n\r\n');
        if (isKnown) trickle = setInterval(() => socket.write(kind === 'slow-body' ? ' ' : 'X-Slow: 1\r\n'), TRICKLE_MS);
        resolve();
      });
      socket.once('close', () => {
        clearInterval(trickle);
        sockets.delete(socket);
        resolve();
        if (hasLeft) return;
        const timer = setTimeout(() => {
          timers.delete(timer);
          void join(kind);
        }, COME_BACK_MS);
        timers.add(timer);
      });
    });

  const kinds = Object.entries(counts).flatMap(([kind, count]) => Array.from({ length: count }, () => kind as CrowdKind));
  for (let start = 0; start < kinds.length; start += AT_ONCE) await Promise.all(kinds.slice(start, start + AT_ONCE).map(join));
  return {
    get open() {
      return sockets.size;
    },
    get made() {
      return made;
    },
    leave() {
      hasLeft = true;
      for (const timer of timers) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}

export interface Latencies {
  /** Milliseconds, ascending. */
  readonly sorted: readonly number[];
  readonly p50: number;
  readonly p99: number;
}

/** A valid client that opens a connection for each request, one after another: what each of them took until its 200. */
export async function measurePosts(count: number, post: (index: number) => Promise<{ readonly status: number }>): Promise<Latencies> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedMs = performance.now();
    const { status } = await post(index);
    if (status !== 200) throw new Error(`a valid client was answered with ${status}`);
    times.push(performance.now() - startedMs);
  }
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
  return { sorted, p50: at(0.5), p99: at(0.99) };
}
