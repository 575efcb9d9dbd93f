/**
 * The blocking half of a datagram transport; lives in a worker. Sends what lies in the shared region, waits out everything
 * that passes, and keeps account of what dies with a reader.
 */
import { connectOnce, probeReader } from './connection.ts';
import { closeSocket, ERRNO, sendMessages, unreadBytes } from './libc.ts';
import { MessageVector } from './message-vector.ts';
import { type SenderData, WORD, type WorkerOutcome } from './sender-protocol.ts';
import type { TransportState } from './transport.ts';
import { UnreadMessages } from './unread-messages.ts';

/** Messages in one system call. More saves little: the reader's queue holds 11 (the kernel's default) or 513 (systemd's). */
const MESSAGES_PER_CALL = 64;
const FIRST_DELAY_MS = 20;
/** A reader that is back is found within this time. */
const MAX_DELAY_MS = 1000;
/** From then on a reader that does not read is called stalled. */
const STALLED_AFTER_MS = 1000;

interface Connection {
  readonly fd: number;
  readonly reader: string;
  readonly unread: UnreadMessages;
}

export class SenderSocket {
  private readonly data: SenderData;
  private readonly report: (state: TransportState) => void;
  private readonly words: Int32Array;
  private readonly lengths: Int32Array;
  private readonly vector: MessageVector;
  private connection: Connection | undefined;
  /** The reader of our predecessor, until it is known whether it is still there. */
  private inheritedReader: string | undefined;
  /** Set when a reader went away, until it is told: how many unread messages went with it at most. */
  private lostAtMost: number | undefined;
  private delayMs = 0;
  private told = '';

  constructor(data: SenderData, report: (state: TransportState) => void) {
    this.data = data;
    this.report = report;
    this.words = new Int32Array(data.words);
    this.lengths = new Int32Array(data.lengths);
    this.vector = new MessageVector(new Uint8Array(data.region), MESSAGES_PER_CALL);
    this.inheritedReader = data.lastReader;
  }

  /** Whom the connection leads to; undefined while there is none. */
  get reader(): string | undefined {
    return this.connection?.reader;
  }

  /** Sends the first `count` messages of the region, however long it takes. */
  send(sequence: number, count: number): WorkerOutcome {
    let sent = 0;
    let sentBytes = 0;
    let waitedMs = 0;
    while (sent < count) {
      const connection = this.connection ?? this.connect(sequence);
      if (connection === undefined) return { kind: 'stopped', sent };
      if (this.lostAtMost !== undefined) return { kind: 'reader-restarted', sent, resendAtLeast: this.takeLoss() };

      const step = this.point(sent, count, sentBytes);
      const startedMs = Date.now();
      const taken = sendMessages(connection.fd, this.vector.headersFrom(0), step);
      if (taken > 0) {
        for (let each = 0; each < taken; each++) {
          const length = this.lengths[sent++] as number;
          sentBytes += length;
          connection.unread.take(length);
        }
        connection.unread.observe(unreadBytes(connection.fd));
        waitedMs = 0;
        this.delayMs = 0;
        this.tell({ state: 'connected', reader: connection.reader });
        continue;
      }
      waitedMs += Date.now() - startedMs;
      this.endure(-taken, waitedMs);
      if (this.isGivenUp(sequence)) return { kind: 'stopped', sent };
    }
    return { kind: 'sent' };
  }

  /**
   * Between sends: finds out what was read meanwhile, and whether the reader is still the same.
   *
   * @returns after how many milliseconds to look again
   */
  watch(): number {
    if (this.connection === undefined) {
      this.tryConnect();
      return MAX_DELAY_MS;
    }
    const { fd, reader, unread } = this.connection;
    unread.observe(unreadBytes(fd));
    const found = probeReader(this.data.socketPath, reader);
    if (found === 'alive') unread.confirmAlive();
    if (found === 'gone') this.disconnect(`nobody reads from ${this.data.socketPath}`);
    return MAX_DELAY_MS;
  }

  close(): void {
    if (this.connection !== undefined) closeSocket(this.connection.fd);
    this.connection = undefined;
  }

  private connect(sequence: number): Connection | undefined {
    for (;;) {
      if (this.delayMs > 0) this.sleep(this.delayMs, sequence);
      if (this.isGivenUp(sequence)) return undefined;
      if (this.tryConnect()) return this.connection;
      this.delayMs = nextDelay(this.delayMs);
    }
  }

  private tryConnect(): boolean {
    const attempt = connectOnce(this.data.socketPath);
    if (attempt.kind === 'refused') {
      this.tell({ state: 'waiting', reason: attempt.reason, detail: attempt.detail });
      return false;
    }
    const { fd, reader } = attempt;
    const isInherited = this.inheritedReader === reader;
    // What an earlier process of ours gave its reader is not known, only what a queue can hold.
    if (this.inheritedReader !== undefined && !isInherited) this.lose(this.data.maxQueuedMessages);
    this.inheritedReader = undefined;
    this.connection = { fd, reader, unread: new UnreadMessages(isInherited ? this.data.maxQueuedMessages : 0) };
    this.tell({ state: 'connected', reader });
    return true;
  }

  private disconnect(detail: string): void {
    if (this.connection === undefined) return;
    this.lose(this.connection.unread.atMost);
    closeSocket(this.connection.fd);
    this.connection = undefined;
    this.tell({ state: 'waiting', reason: 'absent', detail });
  }

  /** After a send that took nothing: what passes by itself is waited for, a dead connection is given up. */
  private endure(errno: number, waitedMs: number): void {
    switch (errno) {
      case ERRNO.EINTR:
        return;
      case ERRNO.EAGAIN:
        if (waitedMs >= STALLED_AFTER_MS)
          this.tell({ state: 'waiting', reason: 'stalled', detail: `the reader of ${this.data.socketPath} does not read` });
        return;
      case ERRNO.ENOBUFS:
      case ERRNO.ENOMEM:
        this.tell({ state: 'waiting', reason: 'no-resources', detail: 'the kernel has no memory for a datagram' });
        this.sleep(FIRST_DELAY_MS);
        return;
      case ERRNO.EMSGSIZE:
        throw new Error('the kernel refuses a datagram within our limit: is net.core.wmem_default below 128 KiB?');
      default:
        this.disconnect(`the reader of ${this.data.socketPath} went away (errno ${errno})`);
        this.delayMs = nextDelay(this.delayMs);
    }
  }

  /** Points the vector at the messages from `first` on. @returns how many */
  private point(first: number, count: number, firstOffset: number): number {
    const step = Math.min(MESSAGES_PER_CALL, count - first);
    let offset = firstOffset;
    for (let each = 0; each < step; each++) {
      const length = this.lengths[first + each] as number;
      this.vector.point(each, offset, length);
      offset += length;
    }
    return step;
  }

  private lose(atMost: number): void {
    this.lostAtMost = (this.lostAtMost ?? 0) + atMost;
  }

  private takeLoss(): number {
    const lost = this.lostAtMost ?? 0;
    this.lostAtMost = undefined;
    return lost;
  }

  /** States are told when they change, not each time. */
  private tell(state: TransportState): void {
    const key = state.state === 'connected' ? state.reader : `${state.reason} ${state.detail}`;
    if (key === this.told) return;
    this.told = key;
    this.report(state);
  }

  private isGivenUp(sequence: number): boolean {
    return Atomics.load(this.words, WORD.stop) === 1 || Atomics.load(this.words, WORD.abandoned) === sequence;
  }

  private sleep(ms: number, sequence?: number): void {
    const seen = Atomics.load(this.words, WORD.wake);
    if (sequence !== undefined && this.isGivenUp(sequence)) return;
    Atomics.wait(this.words, WORD.wake, seen, ms);
  }
}

function nextDelay(delayMs: number): number {
  return Math.min(MAX_DELAY_MS, Math.max(FIRST_DELAY_MS, delayMs * 2));
}
