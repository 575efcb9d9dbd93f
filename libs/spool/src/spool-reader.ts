import { errorCode, type SpoolFile } from './file-system.ts';
import { FIRST_FRAME_OFFSET, FRAME_HEADER_BYTES, frameBytesAt, positionAt, type SpoolIdentity, VOID } from './format.ts';
import { type Found, type FoundFrame, type FoundGap, scanFrames } from './frame-scan.ts';
import { ignore } from './log-file.ts';
import type { MissingPositions } from './missing-positions.ts';
import type { Quarantine } from './quarantine.ts';
import { addMark, markBefore, type Segment } from './segment.ts';
import type { SegmentLog } from './segment-log.ts';
import type { RegionCopy } from './spool-events.ts';
import type { SpoolSettings } from './spool-options.ts';
import type { TailMemory, WrittenGroup } from './tail-memory.ts';

/** One record, in the order in which it was appended. */
export interface SpoolRecord {
  /** Its number in the spool: grows by one a record, and is never used again. */
  readonly position: number;
  /** A slice that may be kept; keeping one keeps up to a megabyte of neighbours in memory. */
  readonly bytes: Buffer;
}

export interface NextOptions {
  /** Default 1,000. */
  readonly maxRecords?: number;
  /** Of records together; one record is handed out even if it alone is larger. Default 4 MiB. */
  readonly maxBytes?: number;
  /** Ends the wait: `next` resolves with nothing then. */
  readonly signal?: AbortSignal;
}

export interface ReaderSurroundings {
  readonly settings: SpoolSettings;
  readonly identity: SpoolIdentity;
  readonly log: SegmentLog;
  readonly tail: TailMemory;
  readonly quarantine: Quarantine;
  readonly missing: MissingPositions;
}

const RETRY_AFTER_MS = 1_000;

/** Reads forward from a position: out of memory where the records were just written, out of the files elsewhere. */
export class SpoolReader {
  readonly #around: ReaderSurroundings;
  /** Read, and not handed out yet; from `#readyAt` on. */
  #ready: SpoolRecord[] = [];
  #readyAt = 0;
  /** The position after the last one read. */
  #fetched: number;
  #scan: SegmentScan | undefined;
  /** Changes with each seek: what an older read brings is dropped. */
  #epoch = 0;
  #wake: (() => void) | undefined;
  #isReading = false;
  #isClosed = false;
  #isFailing = false;

  constructor(startAt: number, around: ReaderSurroundings) {
    this.#fetched = startAt;
    this.#around = around;
  }

  /** The position of the next record that `next` hands out, or of the one after it where that one is lost. */
  get position(): number {
    return this.#ready[this.#readyAt]?.position ?? this.#fetched;
  }

  async next(options: NextOptions = {}): Promise<readonly SpoolRecord[]> {
    if (this.#isReading) throw new Error('the spool has one reader, and it is waiting already');
    this.#isReading = true;
    const wake = (): void => this.wake();
    options.signal?.addEventListener('abort', wake);
    try {
      const maxRecords = options.maxRecords ?? 1_000;
      while (!this.#isClosed && options.signal?.aborted !== true) {
        await this.#fill(maxRecords);
        if (this.#readyAt < this.#ready.length) return this.#take(maxRecords, options.maxBytes ?? 4 << 20);
        if (this.#fetched >= this.#around.log.nextPosition) await this.#wakened(options.signal);
      }
      return [];
    } finally {
      options.signal?.removeEventListener('abort', wake);
      this.#isReading = false;
    }
  }

  /** Goes on at this position, forward or back. */
  moveTo(position: number): void {
    this.#epoch++;
    this.#ready = [];
    this.#readyAt = 0;
    this.#fetched = position;
    this.wake();
  }

  /** Looks again whether there is something to read. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.wake();
    await this.#endScan();
  }

  #wakened(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#isClosed || signal?.aborted === true) this.wake();
    });
  }

  #take(maxRecords: number, maxBytes: number): readonly SpoolRecord[] {
    let [end, bytes] = [this.#readyAt, 0];
    for (; end < this.#ready.length && end - this.#readyAt < maxRecords; end++) {
      bytes += (this.#ready[end] as SpoolRecord).bytes.byteLength;
      if (bytes > maxBytes && end > this.#readyAt) break;
    }
    const taken = this.#ready.slice(this.#readyAt, end);
    this.#readyAt = end;
    return taken;
  }

  async #fill(maxRecords: number): Promise<void> {
    if (this.#readyAt === this.#ready.length) {
      this.#ready = [];
      this.#readyAt = 0;
    }
    for (let group = this.#inMemory(); group !== undefined && this.#ready.length - this.#readyAt < maxRecords; group = this.#inMemory())
      this.#addGroup(group);
    if (this.#readyAt < this.#ready.length || this.#fetched >= this.#around.log.nextPosition) return;
    await this.#readFile();
  }

  #inMemory(): WrittenGroup | undefined {
    return this.#fetched < this.#around.log.nextPosition ? this.#around.tail.find(this.#fetched) : undefined;
  }

  #addGroup({ frames, lastPosition }: WrittenGroup): void {
    for (let at = 0; at < frames.byteLength; ) {
      const end = at + frameBytesAt(frames, at);
      const position = positionAt(frames, at);
      if (position >= this.#fetched) this.#ready.push({ position, bytes: frames.subarray(at + FRAME_HEADER_BYTES, end) });
      at = end;
    }
    this.#fetched = lastPosition + 1;
  }

  /** Adds what the next chunk of a file brings; perhaps nothing. */
  async #readFile(): Promise<void> {
    const epoch = this.#epoch;
    try {
      if (this.#scan?.expected !== this.#fetched) await this.#endScan();
      this.#scan ??= await this.#beginScan(this.#fetched);
      const scan = this.#scan;
      if (scan === undefined) return;
      const items = await scan.items.next();
      const records = items.done === true ? await this.#afterLast(scan) : await this.#recordsOf(scan, items.value);
      if (items.done === true) await this.#endScan();
      if (epoch !== this.#epoch) return;
      for (const record of records) this.#ready.push(record);
      this.#fetched = scan.expected;
      this.#isFailing = false;
    } catch (error) {
      await this.#endScan();
      await this.#failed(error);
    }
  }

  /** `undefined`: there is nothing to read at the position; the next one that is there is the new place. */
  async #beginScan(position: number): Promise<SegmentScan | undefined> {
    const { log, identity, settings } = this.#around;
    const segment = log.segmentFrom(position);
    if (segment === undefined || segment.firstPosition > position)
      return this.#skipTo(segment?.firstPosition ?? log.nextPosition, segment?.name);
    const epoch = this.#epoch;
    const file = await settings.fileSystem.open(segment.path, 'read').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (file === undefined) {
      // Removed just now, because delivered; or by somebody else, and then its records are lost.
      if (epoch === this.#epoch) this.#skipTo(segment.lastPosition + 1, log.segments.includes(segment) ? segment.name : undefined);
      return undefined;
    }
    const from = markBefore(segment, position)?.offset ?? FIRST_FRAME_OFFSET;
    const items = scanFrames(file, identity, from, segment.endOffset);
    return { segment, file, items, expected: position, lastPosition: segment.lastPosition, gap: undefined };
  }

  #skipTo(position: number, lostIn: string | undefined): undefined {
    if (lostIn !== undefined) this.#report({ file: lostIn, offset: 0, bytes: 0 }, this.#fetched, position - 1, 'none');
    this.#fetched = position;
  }

  async #recordsOf(scan: SegmentScan, items: readonly Found[]): Promise<SpoolRecord[]> {
    const records: SpoolRecord[] = [];
    for (const item of items) {
      if (item.kind === 'gap') scan.gap = item;
      else if (item.position <= scan.lastPosition) {
        if (scan.gap !== undefined || item.position > scan.expected) await this.#damaged(scan, item);
        if (item.indexInWrite === VOID) this.#passVoid(scan, item);
        if (item.indexInWrite === VOID || item.position < scan.expected) continue;
        addMark(scan.segment.marks, item);
        records.push({ position: item.position, bytes: item.payload });
        scan.expected = item.position + 1;
      }
    }
    return records;
  }

  #passVoid(scan: SegmentScan, { position, atMs: count }: FoundFrame): void {
    this.#around.missing.addVoid(position, position + count - 1);
    scan.expected = Math.max(scan.expected, position + count);
  }

  /** The end of a segment that should have held more: the rest is damaged, or the file was cut. */
  async #afterLast(scan: SegmentScan): Promise<[]> {
    if (scan.expected <= scan.lastPosition) {
      await this.#damaged(scan, undefined);
      scan.expected = scan.lastPosition + 1;
    }
    return [];
  }

  /** Something is missing before this frame, or before the segment's end. */
  async #damaged(scan: SegmentScan, next: FoundFrame | undefined): Promise<void> {
    const { gap, segment, expected } = scan;
    scan.gap = undefined;
    const copy =
      gap === undefined || gap.isZero
        ? 'none'
        : await this.#around.quarantine.keepRegion(segment.name, scan.file, gap.offset, gap.endOffset);
    const place = {
      file: segment.name,
      offset: gap?.offset ?? next?.offset ?? segment.endOffset,
      bytes: gap === undefined ? 0 : gap.endOffset - gap.offset,
    };
    this.#report(place, expected, Math.min(next?.position ?? Number.POSITIVE_INFINITY, scan.lastPosition + 1) - 1, copy);
  }

  #report(
    place: { readonly file: string; readonly offset: number; readonly bytes: number },
    from: number,
    to: number,
    copy: RegionCopy,
  ): void {
    const lostRecords = this.#around.missing.addLost(from, to);
    if (lostRecords > 0 || place.bytes > 0) this.#around.settings.onEvent({ kind: 'damage', ...place, lostRecords, copy });
  }

  /** A disk that cannot be read at the moment: told once, tried again in a second. */
  async #failed(error: unknown): Promise<void> {
    if (this.#isClosed) return;
    const [code, message] = [errorCode(error), error instanceof Error ? error.message : String(error)];
    if (!this.#isFailing)
      this.#around.settings.onEvent({ kind: 'read-failed', file: this.#around.log.segmentFrom(this.#fetched)?.name ?? '', code, message });
    this.#isFailing = true;
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
  }

  async #endScan(): Promise<void> {
    const scan = this.#scan;
    this.#scan = undefined;
    await scan?.file.close().catch(ignore);
  }
}

/** Reading one segment, up to where it was synced when the reading began. */
interface SegmentScan {
  readonly segment: Segment;
  readonly file: SpoolFile;
  readonly items: AsyncGenerator<readonly Found[]>;
  readonly lastPosition: number;
  /** The position that the next record should have. */
  expected: number;
  /** Bytes before the next record that are none. */
  gap: FoundGap | undefined;
}
