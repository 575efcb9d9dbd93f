/** The blocking half of the queue reader; lives in a worker. */
import { chmodSync, unlinkSync } from 'node:fs';
import { bindTo, closeSocket, connectTo, ERRNO, openDatagramSocket, receiveMessages, setTimeouts } from './libc.ts';
import { MessageVector } from './message-vector.ts';
import { type FromReader, MAX_BATCH_MESSAGES, MAX_BATCHES_AHEAD, READER_SIGNAL, type ReaderData } from './reader-protocol.ts';
import { isOtherThanSocket, readSocketIdentity } from './socket-identity.ts';

/** What analysisd's recvfrom asks for: a longer datagram is cut here, without any error (wazuh v4.14.7 src/os_net/os_net.c:529). */
const MAX_READ_BYTES = 65_535;
/** How long one blocking receive waits; so `close` never waits longer. */
const RECEIVE_TIMEOUT_MS = 100;
/** A sender that never stops cannot keep a closing reader alive: more than any queue of 512 holds. */
const MAX_DRAINED_MESSAGES = 1024;

type Refusal = Extract<FromReader, { kind: 'refused' }>;

export class ReaderSocket {
  private readonly fd: number;
  private readonly data: ReaderData;
  private readonly signals: Int32Array;
  /** Room for a whole batch; of its 16 MiB the kernel backs only the pages that a message has touched. */
  private readonly region = new Uint8Array(MAX_BATCH_MESSAGES * MAX_READ_BYTES);
  private readonly vector: MessageVector;
  readonly identity: string;

  private constructor(fd: number, data: ReaderData) {
    this.fd = fd;
    this.data = data;
    this.identity = readSocketIdentity(data.socketPath) ?? 'unknown';
    this.signals = new Int32Array(data.signals);
    this.vector = new MessageVector(this.region, MAX_BATCH_MESSAGES);
    for (let each = 0; each < MAX_BATCH_MESSAGES; each++) this.vector.point(each, each * MAX_READ_BYTES, MAX_READ_BYTES);
  }

  static bind(data: ReaderData): ReaderSocket | Refusal {
    const fd = openDatagramSocket();
    if (fd < 0) return { kind: 'refused', reason: 'other', detail: `no socket can be had (errno ${-fd})` };
    let errno = bindTo(fd, data.socketPath);
    if (errno === ERRNO.EADDRINUSE) {
      const refusal = clearPath(data.socketPath);
      if (refusal !== undefined) {
        closeSocket(fd);
        return refusal;
      }
      errno = bindTo(fd, data.socketPath);
    }
    if (errno !== 0) {
      closeSocket(fd);
      const reason = errno === ERRNO.EACCES || errno === ERRNO.EPERM ? 'not-permitted' : errno === ERRNO.EADDRINUSE ? 'taken' : 'other';
      return { kind: 'refused', reason, detail: `${data.socketPath} cannot be bound (errno ${errno})` };
    }
    chmodSync(data.socketPath, data.mode);
    setTimeouts(fd, RECEIVE_TIMEOUT_MS);
    return new ReaderSocket(fd, data);
  }

  /** Receives until it is told to stop, then what is still queued. */
  run(deliver: (messages: Extract<FromReader, { kind: 'messages' }>) => void): void {
    let delivered = 0;
    while (!this.isStopped()) {
      if (!this.waitForRoom(delivered)) continue;
      const batch = this.receive(false);
      if (batch === undefined) continue;
      deliver(batch);
      delivered++;
    }
    // From here on nobody new finds us; those who are connected notice when the descriptor closes.
    if (readSocketIdentity(this.data.socketPath) === this.identity) unlinkSync(this.data.socketPath);
    for (let drained = 0; drained < MAX_DRAINED_MESSAGES; ) {
      const batch = this.receive(true);
      if (batch === undefined) break;
      deliver(batch);
      drained += batch.lengths.length;
    }
    closeSocket(this.fd);
  }

  /** Waits for one message, unless `dontWait`, then takes whatever else lies in the queue. */
  private receive(dontWait: boolean): Extract<FromReader, { kind: 'messages' }> | undefined {
    let count = 0;
    while (count < MAX_BATCH_MESSAGES) {
      const taken = receiveMessages(this.fd, this.vector.headersFrom(count), MAX_BATCH_MESSAGES - count, dontWait || count > 0);
      if (taken === -ERRNO.EAGAIN || taken === -ERRNO.EINTR) break;
      if (taken <= 0) throw new Error(`receiving failed (errno ${-taken})`);
      count += taken;
    }
    return count === 0 ? undefined : this.copyOut(count);
  }

  private copyOut(count: number): Extract<FromReader, { kind: 'messages' }> {
    const lengths = Int32Array.from({ length: count }, (_, each) => this.vector.receivedLength(each));
    const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    let offset = 0;
    for (const [each, length] of lengths.entries()) {
      bytes.set(this.region.subarray(each * MAX_READ_BYTES, each * MAX_READ_BYTES + length), offset);
      offset += length;
    }
    return { kind: 'messages', bytes, lengths };
  }

  private waitForRoom(delivered: number): boolean {
    const consumed = Atomics.load(this.signals, READER_SIGNAL.consumed);
    if (delivered - consumed < MAX_BATCHES_AHEAD) return true;
    Atomics.wait(this.signals, READER_SIGNAL.consumed, consumed, RECEIVE_TIMEOUT_MS);
    return false;
  }

  private isStopped(): boolean {
    return Atomics.load(this.signals, READER_SIGNAL.stop) === 1;
  }
}

/** Removes the socket of a reader that is gone; anything else at the path is somebody’s. */
function clearPath(path: string): Refusal | undefined {
  if (isOtherThanSocket(path)) return { kind: 'refused', reason: 'not-a-socket', detail: `${path} is no socket` };
  const probe = openDatagramSocket();
  const errno = probe < 0 ? -probe : connectTo(probe, path);
  if (probe >= 0) closeSocket(probe);
  if (errno !== ERRNO.ECONNREFUSED) return { kind: 'refused', reason: 'taken', detail: `somebody else reads from ${path}` };
  unlinkSync(path);
  return undefined;
}
