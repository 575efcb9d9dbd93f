import { basename } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { FileSupply } from './file-supply.ts';
import { errorCode, type SpoolFile } from './file-system.ts';
import { FIRST_FRAME_OFFSET } from './format.ts';
import { ignore, type SpoolPlace } from './log-file.ts';
import type { RecoveredSegments } from './recover-segments.ts';
import { addMark, bytesAfter, type Segment } from './segment.ts';
import type { SpoolSettings } from './spool-options.ts';

/** The segment that takes writes, and its open file. */
export interface ActiveSegment {
  readonly segment: Segment;
  readonly file: SpoolFile;
  readonly preallocatedBytes: number;
}

/** What the log must know of its surroundings. */
export interface LogSurroundings {
  readonly settings: SpoolSettings;
  readonly place: SpoolPlace;
  /** Up to here records are delivered, and a synced cursor says so: only such records may be removed. */
  readonly deliveredUpTo: () => number;
  /** Bytes of the other files that count against `maxBytes`. */
  readonly otherBytes: () => number;
}

/** How long a disk that refused a new file is left alone. */
const RETRY_AFTER_MS = 1_000;

/** The segments in order: which one is written, when the next begins, when the oldest goes. */
export class SegmentLog {
  readonly #around: LogSurroundings;
  readonly #supply: FileSupply;
  #segments: Segment[];
  #active: ActiveSegment | undefined;
  #nextPosition: number;
  #refusal: { readonly failure: Failure; readonly untilMs: number } | undefined;

  constructor(recovered: RecoveredSegments, around: LogSurroundings) {
    this.#around = around;
    this.#segments = [...recovered.segments];
    this.#nextPosition = recovered.nextPosition;
    this.#supply = new FileSupply(around.place, 'SEGM', {
      fileBytes: around.settings.segmentBytes,
      nextOrdinal: recovered.nextOrdinal,
      ready: recovered.spare,
    });
  }

  /** The position of the next record that is appended; every one before it is synced, lost, or removed. */
  get nextPosition(): number {
    return this.#nextPosition;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** The segment with the position, or else the first one behind it. */
  segmentFrom(position: number): Segment | undefined {
    return this.#segments.find((segment) => segment.lastPosition >= position);
  }

  /** Bytes on disk of segments, with what is preallocated. */
  get diskBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.fileBytes, this.#supply.heldBytes);
  }

  bytesAfter(position: number): number {
    return this.#segments.reduce((sum, segment) => sum + bytesAfter(segment, position), 0);
  }

  /** Makes the first file in the background, so that the first append need not wait for it. */
  prepare(): void {
    if (this.#fits(this.#around.settings.segmentBytes)) this.#supply.prepare();
  }

  /**
   * A segment with room for so many bytes of frames; a new one if need be.
   *
   * @throws {Failure} `SPOOL_FULL` at the size limit, `SPOOL_WRITE_FAILED` when the disk refuses a new file
   */
  async writable(bytes: number): Promise<ActiveSegment> {
    const active = this.#active;
    if (active !== undefined) {
      const isEmpty = active.segment.endOffset === FIRST_FRAME_OFFSET;
      const growth = active.segment.endOffset + bytes - active.preallocatedBytes;
      if (growth <= 0) return active;
      if (isEmpty) {
        await this.#makeRoom(growth);
        return active;
      }
    }
    const { monotonicMs } = this.#around.settings.clock;
    if (this.#refusal !== undefined && monotonicMs() < this.#refusal.untilMs) throw this.#refusal.failure;
    const growth = FIRST_FRAME_OFFSET + bytes - this.#around.settings.segmentBytes;
    await this.#makeRoom((this.#supply.hasSpare ? 0 : this.#around.settings.segmentBytes) + Math.max(0, growth));
    return this.#openNext();
  }

  /** Records were written to the active segment, and synced. */
  publish(
    active: ActiveSegment,
    written: { readonly firstPosition: number; readonly lastPosition: number; readonly bytes: number; readonly atMs: number },
  ): void {
    const { segment } = active;
    addMark(segment.marks, { position: written.firstPosition, offset: segment.endOffset, atMs: written.atMs });
    segment.endOffset += written.bytes;
    segment.fileBytes = Math.max(segment.fileBytes, segment.endOffset);
    segment.lastPosition = written.lastPosition;
    segment.newestAtMs = written.atMs;
    this.#nextPosition = written.lastPosition + 1;
    this.#refusal = undefined;
    if (segment.endOffset * 2 > active.preallocatedBytes) this.prepare();
  }

  /**
   * A write or its sync failed: what stands behind the last good sync is unknown for ever (see file-system.ts), so
   * this file is never written again. Its good records stay.
   *
   * @param isRepeated the file made in its place failed too: leave the disk alone for a second
   */
  async poison(active: ActiveSegment, error: unknown, isRepeated: boolean): Promise<void> {
    if (isRepeated) this.#refuse(error);
    if (this.#active !== active) return;
    await this.#seal();
  }

  /** Removes delivered segments that are old enough, or, under pressure, as many as are not needed for a rewind. */
  async trim(isPressed: boolean = false): Promise<void> {
    const { settings, place } = this.#around;
    let removed = 0;
    for (let oldest = this.#segments[0]; oldest !== undefined && this.#mayGo(oldest, isPressed); oldest = this.#segments[0]) {
      this.#segments.shift();
      removed++;
      await place.fileSystem.unlink(oldest.path).catch(ignore);
    }
    if (removed > 0) await settings.fileSystem.syncFolder(settings.folder).catch(ignore);
  }

  async close(): Promise<void> {
    await this.#seal();
    await this.#supply.close();
  }

  #mayGo(segment: Segment, isPressed: boolean): boolean {
    const { settings, deliveredUpTo } = this.#around;
    const delivered = deliveredUpTo();
    if (segment === this.#active?.segment || segment.lastPosition > delivered) return false;
    if (isPressed) {
      const kept = this.#segments.filter((each) => each.lastPosition <= delivered).reduce((sum, each) => sum + each.fileBytes, 0);
      return segment.lastPosition <= delivered - settings.rewindRecords || kept > settings.maxBytes / 4;
    }
    const ageMs = settings.clock.wallMs() - segment.newestAtMs;
    return segment.lastPosition <= delivered - settings.rewindRecords && ageMs >= settings.deliveredRetentionMs;
  }

  #fits(moreBytes: number): boolean {
    return this.diskBytes + this.#around.otherBytes() + moreBytes <= this.#around.settings.maxBytes;
  }

  async #makeRoom(bytes: number): Promise<void> {
    if (this.#fits(bytes)) return;
    // The segment in use, too, holds nothing but delivered records perhaps; it is full for this append in any case.
    if (this.#active !== undefined && this.#active.segment.lastPosition <= this.#around.deliveredUpTo()) await this.#seal();
    await this.trim(true);
    if (this.#fits(bytes)) return;
    const { maxBytes, folder } = this.#around.settings;
    throw new Failure('SPOOL_FULL', `the spool ${folder} is at its limit of ${maxBytes} bytes`, {
      hint: 'see why nothing is delivered (is Wazuh running?), or raise the limit; nothing that was accepted is dropped',
    });
  }

  async #openNext(): Promise<ActiveSegment> {
    let log: Awaited<ReturnType<FileSupply['take']>>;
    try {
      log = await this.#supply.take();
    } catch (error) {
      throw this.#refuse(error);
    }
    await this.#seal();
    const nowMs = this.#around.settings.clock.wallMs();
    const segment: Segment = {
      name: basename(log.path),
      path: log.path,
      ordinal: log.ordinal,
      firstPosition: this.#nextPosition,
      lastPosition: this.#nextPosition - 1,
      endOffset: FIRST_FRAME_OFFSET,
      fileBytes: log.bytes,
      oldestAtMs: nowMs,
      newestAtMs: nowMs,
      marks: [],
    };
    this.#segments.push(segment);
    this.#active = { segment, file: log.file, preallocatedBytes: log.bytes };
    return this.#active;
  }

  /** Gives the preallocated rest back; a segment without any record goes altogether. */
  async #seal(): Promise<void> {
    const active = this.#active;
    if (active === undefined) return;
    this.#active = undefined;
    const { segment, file } = active;
    const { fileSystem } = this.#around.place;
    if (segment.endOffset === FIRST_FRAME_OFFSET) {
      this.#segments = this.#segments.filter((each) => each !== segment);
      await fileSystem.unlink(segment.path).catch(ignore);
    } else
      await file.truncate(segment.endOffset).then(() => {
        segment.fileBytes = segment.endOffset;
      }, ignore);
    await file.close().catch(ignore);
  }

  #refuse(error: unknown): Failure {
    const { folder, clock } = this.#around.settings;
    const failure = writeFailure(folder, error);
    this.#refusal = { failure, untilMs: clock.monotonicMs() + RETRY_AFTER_MS };
    return failure;
  }
}

/** What `append` rejects with when the disk refuses. */
export function writeFailure(folder: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const full = ['ENOSPC', 'EDQUOT'].includes(errorCode(error));
  return new Failure(
    'SPOOL_WRITE_FAILED',
    `the spool ${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    {
      hint: full
        ? 'free space on its disk; the spool goes on by itself then'
        : 'look at the disk (dmesg); the spool goes on by itself when it can',
      cause: error,
    },
  );
}
