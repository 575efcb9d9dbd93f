import { Failure } from '@k8s-audit/failure';
import { errorCode } from './file-system.ts';
import { encodeFrame, FRAME_HEADER_BYTES, type SpoolIdentity } from './format.ts';
import { type ActiveSegment, type SegmentLog, writeFailure } from './segment-log.ts';
import type { SpoolSettings } from './spool-options.ts';
import type { TailMemory } from './tail-memory.ts';

interface PendingAppend {
  readonly head: Uint8Array;
  readonly records: readonly Uint8Array[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Beyond it a group waits for the next sync: the first of it should not wait for the last. One append is never split. */
const MAX_GROUP_BYTES = 4 << 20;

/**
 * Group commit: appends that arrive while the disk syncs share the next write and the next sync.
 *
 * One group is under way at a time, and a group is written only after the one before it is synced: so whatever stands
 * in a file behind a good frame of a later write was durable once (recovery relies on it).
 */
export class GroupCommit {
  readonly #log: SegmentLog;
  readonly #tail: TailMemory;
  readonly #identity: SpoolIdentity;
  readonly #settings: SpoolSettings;
  readonly #onChange: () => void;
  #queue: PendingAppend[] = [];
  #running: Promise<void> | undefined;
  #isFailing = false;
  #isRefusing = false;

  /** @param onChange called when records are there, or when appends begin or cease to be refused */
  constructor(log: SegmentLog, tail: TailMemory, identity: SpoolIdentity, settings: SpoolSettings, onChange: () => void) {
    this.#log = log;
    this.#tail = tail;
    this.#identity = identity;
    this.#settings = settings;
    this.#onChange = onChange;
  }

  /** The last append was refused at the size limit. */
  get isRefusing(): boolean {
    return this.#isRefusing;
  }

  append(records: readonly Uint8Array[], head: Uint8Array): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    const bytes = records.reduce((sum, record) => sum + record.byteLength, records.length * (FRAME_HEADER_BYTES + head.byteLength));
    return new Promise((resolve, reject) => {
      this.#queue.push({ head, records, bytes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is under way any more. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // A turn of the microtask queue first: appends made in the same turn become one group.
    await undefined;
    while (this.#queue.length > 0) {
      const group = await this.#nextGroup();
      if (group !== undefined) await this.#commit(group.active, group.appends);
      // Those whose append has just resolved may have the next one ready.
      await undefined;
    }
    this.#running = undefined;
  }

  async #nextGroup(): Promise<{ readonly active: ActiveSegment; readonly appends: readonly PendingAppend[] } | undefined> {
    const [first] = this.#queue as [PendingAppend];
    let active: ActiveSegment;
    try {
      active = await this.#log.writable(first.bytes);
    } catch (error) {
      this.#queue.shift();
      this.#refused(error);
      first.reject(error);
      return undefined;
    }
    const room = Math.max(first.bytes, active.preallocatedBytes - active.segment.endOffset);
    let [count, bytes] = [1, first.bytes];
    for (let next = this.#queue[count]; next !== undefined; next = this.#queue[count]) {
      if (bytes + next.bytes > Math.min(room, MAX_GROUP_BYTES)) break;
      bytes += next.bytes;
      count++;
    }
    return { active, appends: this.#queue.splice(0, count) };
  }

  async #commit(active: ActiveSegment, appends: readonly PendingAppend[]): Promise<void> {
    const firstPosition = this.#log.nextPosition;
    const atMs = this.#settings.clock.wallMs();
    const frames = this.#encode(appends, firstPosition, atMs);
    const written = await this.#write(active, frames);
    if (written.kind === 'failed') {
      for (const { reject } of appends) reject(written.failure);
      return;
    }
    const lastPosition = firstPosition + appends.reduce((sum, { records }) => sum + records.length, 0) - 1;
    this.#log.publish(written.active, { firstPosition, lastPosition, bytes: frames.byteLength, atMs });
    this.#tail.push({ firstPosition, lastPosition, frames });
    if (this.#isFailing) this.#settings.onEvent({ kind: 'write-recovered', what: 'records' });
    this.#isFailing = false;
    this.#isRefusing = false;
    for (const { resolve } of appends) resolve();
    this.#onChange();
  }

  #encode(appends: readonly PendingAppend[], firstPosition: number, atMs: number): Buffer {
    const frames = this.#tail.allocate(appends.reduce((sum, { bytes }) => sum + bytes, 0));
    let [at, indexInWrite] = [0, 0];
    for (const { head, records } of appends)
      for (const record of records) {
        at = encodeFrame(frames, at, this.#identity, { position: firstPosition + indexInWrite, atMs, indexInWrite }, record, head);
        indexInWrite++;
      }
    return frames;
  }

  /** Writes and syncs; after a failure once more, the same frames in a file that has not failed yet. */
  async #write(
    active: ActiveSegment,
    frames: Buffer,
  ): Promise<{ readonly kind: 'synced'; readonly active: ActiveSegment } | { readonly kind: 'failed'; readonly failure: Failure }> {
    let target = active;
    for (let attempt = 1; ; attempt++) {
      try {
        await target.file.write(frames, target.segment.endOffset);
        await target.file.datasync();
        return { kind: 'synced', active: target };
      } catch (error) {
        this.#failed(error);
        await this.#log.poison(target, error, attempt === 2);
        if (attempt === 2) return { kind: 'failed', failure: writeFailure(this.#settings.folder, error) };
      }
      try {
        target = await this.#log.writable(frames.byteLength);
      } catch (error) {
        this.#refused(error);
        return { kind: 'failed', failure: writeFailure(this.#settings.folder, error) };
      }
    }
  }

  #refused(error: unknown): void {
    if (error instanceof Failure && error.code === 'SPOOL_FULL') {
      this.#isRefusing = true;
      this.#onChange();
    } else this.#failed(error);
  }

  /** Told once, until it works again. */
  #failed(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const cause = error instanceof Failure ? error.cause : error;
    this.#settings.onEvent({
      kind: 'write-failed',
      what: 'records',
      code: errorCode(cause),
      message: cause instanceof Error ? cause.message : String(cause),
    });
  }
}
