import type { Worker } from 'node:worker_threads';
import { startWorker } from '@k8s-audit/wazuh-queue';
import { createShaping, type EventShaping, type ReadEvent, type ShapingSettings } from './event-shaping.ts';
import { withoutBodies } from './event-without-bodies.ts';
import type { SpooledItem } from './spool-record.ts';

/** A job beyond this is given up, and its thread with it. */
const GIVEN_UP_AFTER_MS = 10_000;
/** A net below `MAX_VALUES`, which keeps the thread far from it. */
const HEAP_MIB = 512;

export type LargeEventJob =
  | { readonly id: number; readonly kind: 'redact'; readonly item: Uint8Array }
  | {
      readonly id: number;
      readonly kind: 'read';
      readonly item: Uint8Array;
      readonly origin: SpooledItem['origin'];
      readonly nowMs: number;
    };

export type LargeEventAnswer =
  | { readonly id: number; readonly kind: 'redacted'; readonly item: Uint8Array; readonly bodiesLeftOut?: string }
  | { readonly id: number; readonly kind: 'read'; readonly event: ReadEvent; readonly bodiesLeftOut?: string }
  | { readonly id: number; readonly kind: 'failed'; readonly reason: string };

interface Waiting {
  readonly job: LargeEventJob;
  readonly settle: (answer: LargeEventAnswer) => void;
}

/**
 * Large events are redacted and shaped in a thread of their own, one at a time: an event of 8 MiB, made for it, takes a second of CPU,
 * in which no other client would be answered. One that the thread cannot deal with loses its bodies and nothing else, as one
 * that is too large does. The thread is there from the start: to start it takes the main thread a tenth of a second.
 */
export class LargeEvents {
  readonly #settings: ShapingSettings;
  readonly #shaping: EventShaping;
  readonly #onGivenUp: (reason: string, byteLength: number) => void;
  readonly #queue: Waiting[] = [];
  #current: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #nextId = 1;

  /** @param onGivenUp for each event that loses its bodies here */
  constructor(settings: ShapingSettings, onGivenUp: (reason: string, byteLength: number) => void) {
    this.#settings = settings;
    this.#shaping = createShaping(settings);
    this.#onGivenUp = onGivenUp;
    this.#worker = this.#start();
  }

  async redact(item: Buffer): Promise<Buffer> {
    const answer = await this.#ask({ id: this.#nextId++, kind: 'redact', item });
    this.#report(answer, item);
    if (answer.kind === 'redacted') return Buffer.from(answer.item.buffer, answer.item.byteOffset, answer.item.byteLength);
    return this.#shaping.redact(withoutBodies(item));
  }

  async read({ item, origin }: Pick<SpooledItem, 'item' | 'origin'>, nowMs: number): Promise<ReadEvent> {
    const answer = await this.#ask({ id: this.#nextId++, kind: 'read', item, origin, nowMs });
    this.#report(answer, item);
    return answer.kind === 'read' ? answer.event : this.#shaping.read({ origin, item: withoutBodies(item) }, nowMs);
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask(job: LargeEventJob): Promise<LargeEventAnswer> {
    return new Promise((settle) => {
      this.#queue.push({ job, settle });
      this.#next();
    });
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const waiting = this.#queue.shift();
    if (waiting === undefined) {
      this.#worker?.unref();
      return;
    }
    this.#current = waiting;
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#timer = setTimeout(() => this.#giveUp('it took too long'), GIVEN_UP_AFTER_MS);
    // Its own bytes: what is posted of a slice is all that it is a slice of.
    const item = new Uint8Array(waiting.job.item);
    this.#worker.postMessage({ ...waiting.job, item }, [item.buffer]);
  }

  #start(): Worker {
    const worker = startWorker(new URL('./large-events.worker.ts', import.meta.url), { settings: this.#settings }, undefined, {
      maxOldGenerationSizeMb: HEAP_MIB,
    });
    worker.on('message', (answer: LargeEventAnswer) => this.#settle(answer));
    worker.once('error', (error) => this.#ended(worker, error.message));
    worker.once('exit', () => this.#ended(worker, 'its thread ended'));
    worker.unref();
    return worker;
  }

  #giveUp(reason: string): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    void worker.terminate();
    this.#ended(worker, reason);
  }

  #ended(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    if (this.#current !== undefined) this.#settle({ id: this.#current.job.id, kind: 'failed', reason });
  }

  #settle(answer: LargeEventAnswer): void {
    // A thread that was given up may still have had an answer under way.
    if (this.#current?.job.id !== answer.id) return;
    const { settle } = this.#current;
    clearTimeout(this.#timer);
    this.#current = undefined;
    settle(answer);
    this.#next();
  }

  #report(answer: LargeEventAnswer, item: Buffer): void {
    const reason = answer.kind === 'failed' ? answer.reason : answer.bodiesLeftOut;
    if (reason !== undefined) this.#onGivenUp(reason, item.length);
  }
}
