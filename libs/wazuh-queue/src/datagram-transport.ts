import { readFileSync } from 'node:fs';
import { Failure } from '@k8s-audit/failure';
import { oversizeIndexes } from './oversize.ts';
import {
  DIED,
  type FromSender,
  READER_BYTES,
  REGION_BYTES,
  REGION_MESSAGES,
  readOutcome,
  type SenderData,
  WORD,
  WORDS,
  type WorkerOutcome,
} from './sender-protocol.ts';
import { checkSocketPath } from './socket-path.ts';
import type { SendOutcome, Transport, TransportState } from './transport.ts';
import { startWorker, type WorkerCode } from './worker-code.ts';

export interface DatagramTransportOptions {
  readonly socketPath: string;
  readonly onState?: (state: TransportState) => void;
  /**
   * The identity of the reader that an earlier process of ours sent to last (`reader`, kept beside the cursor). When another
   * reader is there now, the first outcome is `reader-restarted`.
   */
  readonly lastReader?: string;
  /** How many messages the reader's queue may hold, where that is known: its net.unix.max_dgram_qlen + 1. */
  readonly maxQueuedMessages?: number;
  /** Messages that the daemon has read and not yet worked off, to the best knowledge (see `Pacer`): they die with it too. */
  readonly daemonBacklog?: () => number;
  readonly workerCode?: WorkerCode;
}

type Profile = Pick<Transport, 'name' | 'maxDatagramBytes' | 'pacing' | 'lossAfterUs'>;

/**
 * The calls block, so they are made by a worker; datagrams reach it through shared memory, copied once.
 *
 * @throws {Failure} QUEUE_UNSUPPORTED, QUEUE_PATH_INVALID
 */
export function createDatagramTransport(profile: Profile, options: DatagramTransportOptions): Transport {
  checkSocketPath(options.socketPath);
  return new SocketTransport(profile, options);
}

class SocketTransport implements Transport {
  readonly name: Transport['name'];
  readonly maxDatagramBytes: number;
  readonly pacing: Transport['pacing'];
  readonly lossAfterUs: string;
  reader: string | undefined;

  private readonly options: DatagramTransportOptions;
  private readonly region = new Uint8Array(new SharedArrayBuffer(REGION_BYTES));
  private readonly lengths = new Int32Array(new SharedArrayBuffer(REGION_MESSAGES * 4));
  private readonly words = new Int32Array(new SharedArrayBuffer(WORDS * 4));
  private readonly readerName = Buffer.from(new SharedArrayBuffer(READER_BYTES));
  private readonly worker: ReturnType<typeof startWorker>;
  private readonly exited: Promise<void>;
  private turn: Promise<unknown> = Promise.resolve();
  private sequence = 0;
  private broken: Failure | undefined;
  private isClosing = false;

  constructor(profile: Profile, options: DatagramTransportOptions) {
    this.name = profile.name;
    this.maxDatagramBytes = profile.maxDatagramBytes;
    this.pacing = profile.pacing;
    this.lossAfterUs = profile.lossAfterUs;
    this.options = options;
    this.reader = options.lastReader;
    const data: SenderData = {
      role: 'sender',
      socketPath: options.socketPath,
      ...(options.lastReader === undefined ? {} : { lastReader: options.lastReader }),
      maxQueuedMessages: options.maxQueuedMessages ?? guessQueueLength(),
      region: this.region.buffer as SharedArrayBuffer,
      lengths: this.lengths.buffer as SharedArrayBuffer,
      words: this.words.buffer as SharedArrayBuffer,
      reader: this.readerName.buffer as unknown as SharedArrayBuffer,
    };
    this.worker = startWorker(new URL('./sender.worker.ts', import.meta.url), data, options.workerCode);
    this.worker.on('message', (state: FromSender) => this.options.onState?.(state));
    this.worker.on('error', (error) => this.breakDown(error));
    this.exited = new Promise((resolve) => {
      this.worker.once('exit', () => {
        if (!this.isClosing) this.breakDown(new Error('it ended by itself'));
        resolve();
      });
    });
  }

  send(datagrams: readonly Uint8Array[], { signal }: { readonly signal?: AbortSignal } = {}): Promise<SendOutcome> {
    const indexes = oversizeIndexes(datagrams, this.maxDatagramBytes);
    if (indexes !== undefined) return Promise.resolve({ kind: 'oversize', indexes });
    const outcome = this.turn.then(() => this.sendParts(datagrams, signal));
    // The next call has its turn whatever became of this one.
    this.turn = outcome.catch(() => undefined);
    return outcome;
  }

  async close(): Promise<void> {
    if (!this.isClosing) {
      this.isClosing = true;
      this.raise(WORD.stop, 1);
    }
    await this.turn;
    await this.exited;
  }

  private async sendParts(datagrams: readonly Uint8Array[], signal: AbortSignal | undefined): Promise<SendOutcome> {
    let sent = 0;
    while (sent < datagrams.length) {
      if (this.broken !== undefined) throw this.broken;
      if (this.isClosing || signal?.aborted === true) return { kind: 'stopped', sent };
      const count = this.copyPart(datagrams, sent);
      const outcome = await this.sendPart(count, signal);
      switch (outcome.kind) {
        case 'sent':
          sent += count;
          break;
        case 'reader-restarted': {
          const resendAtLeast = outcome.resendAtLeast + (this.options.daemonBacklog?.() ?? 0);
          sent += outcome.sent;
          // Everything had been read and worked off: nothing to go back for.
          if (resendAtLeast === 0) break;
          return { kind: 'reader-restarted', sent, resendAtLeast };
        }
        case 'stopped':
          return { kind: 'stopped', sent: sent + outcome.sent };
      }
    }
    return { kind: 'sent' };
  }

  /** Copies as many as the region takes, from `first` on. @returns how many */
  private copyPart(datagrams: readonly Uint8Array[], first: number): number {
    let count = 0;
    let offset = 0;
    for (let each = first; each < datagrams.length && count < REGION_MESSAGES; each++) {
      const datagram = datagrams[each] as Uint8Array;
      if (offset + datagram.length > REGION_BYTES) break;
      this.region.set(datagram, offset);
      this.lengths[count++] = datagram.length;
      offset += datagram.length;
    }
    return count;
  }

  private async sendPart(count: number, signal: AbortSignal | undefined): Promise<WorkerOutcome> {
    const sequence = this.nextSequence();
    const abandon = (): void => this.raise(WORD.abandoned, sequence);
    signal?.addEventListener('abort', abandon, { once: true });
    try {
      const answeredBefore = Atomics.load(this.words, WORD.answered);
      Atomics.store(this.words, WORD.count, count);
      this.raise(WORD.asked, sequence);
      await Atomics.waitAsync(this.words, WORD.answered, answeredBefore).value;
      const outcome = readOutcome(this.words);
      if (outcome === 'died') throw this.broken ?? new Error('a worker that died without a reason');
      if (outcome.kind !== 'stopped') this.reader = this.readerName.toString('latin1', 0, this.words[WORD.readerLength]);
      return outcome;
    } finally {
      signal?.removeEventListener('abort', abandon);
    }
  }

  private breakDown(cause: Error): void {
    this.broken ??= new Failure('QUEUE_WORKER_DIED', `The thread that sends to ${this.options.socketPath} ended: ${cause.message}`, {
      hint: 'Start the program again; what was not taken is still in the spool. Report it, with this message.',
      cause,
    });
    // Nobody else will answer the call that is under way.
    this.words[WORD.answer] = DIED;
    Atomics.store(this.words, WORD.answered, this.sequence);
    Atomics.notify(this.words, WORD.answered);
  }

  /** Wakes the worker wherever it waits in JavaScript; in the kernel it waits a quarter of a second at most. */
  private raise(index: number, value: number): void {
    Atomics.store(this.words, index, value);
    Atomics.add(this.words, WORD.wake, 1);
    Atomics.notify(this.words, WORD.wake);
  }

  private nextSequence(): number {
    this.sequence = this.sequence === MAX_SEQUENCE ? 1 : this.sequence + 1;
    return this.sequence;
  }
}

const MAX_SEQUENCE = 2 ** 31 - 1;

/**
 * The queue belongs to the reader's network namespace, which may be another than ours, and systemd raises the kernel's 10
 * to 512 in the host's: so the greater of the two.
 */
function guessQueueLength(): number {
  const ours = Number.parseInt(readFileSync('/proc/sys/net/unix/max_dgram_qlen', 'utf8'), 10);
  return Math.max(SYSTEMD_QUEUE_LENGTH, Number.isNaN(ours) ? 0 : ours) + 1;
}

const SYSTEMD_QUEUE_LENGTH = 512;
