import { Failure } from '@k8s-audit/failure';
import { CursorJournal } from './cursor-journal.ts';
import type { DedupeWindow } from './dedupe-window.ts';
import type { HeldLock } from './file-system.ts';
import { writtenAtMsAt } from './format.ts';
import { GroupCommit } from './group-commit.ts';
import { ignore } from './log-file.ts';
import type { RecoveredSpool } from './recover-spool.ts';
import { markBefore } from './segment.ts';
import { SegmentLog } from './segment-log.ts';
import type { SpoolLevel } from './spool-events.ts';
import { unmarkOpen } from './spool-folder.ts';
import type { SpoolSettings } from './spool-options.ts';
import { type NextOptions, SpoolReader, type SpoolRecord } from './spool-reader.ts';
import type { SpoolUsage } from './spool-usage.ts';
import { TailMemory } from './tail-memory.ts';

/** The level is looked at so often at most: it is a sum over all segments. */
const LEVEL_EVERY_MS = 100;

const NO_HEAD = new Uint8Array(0);

/** What `openSpool` hands out as a `Spool` (spool.ts, which imports this file and so cannot be named here): the parts, tied together. */
export class OpenSpool {
  readonly dedupe: DedupeWindow;
  readonly #recovered: RecoveredSpool;
  readonly #settings: SpoolSettings;
  readonly #lock: HeldLock;
  readonly #log: SegmentLog;
  readonly #tail: TailMemory;
  readonly #commits: GroupCommit;
  readonly #journal: CursorJournal;
  readonly #reader: SpoolReader;
  /** The last position that may be committed. */
  #handedOut: number;
  #level: SpoolLevel = 'ok';
  #levelSeenAtMs = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  constructor(recovered: RecoveredSpool, settings: SpoolSettings, lock: HeldLock) {
    const { place, dedupe, quarantine, missing, cursor, segments } = recovered;
    this.#recovered = recovered;
    this.#settings = settings;
    this.#lock = lock;
    this.dedupe = dedupe;
    // What is missing before the oldest segment cannot be delivered any more. Without a journal all that is left is.
    const start = Math.min(Math.max(cursor.known?.cursor ?? 0, (segments.segments[0]?.firstPosition ?? 1) - 1), segments.nextPosition - 1);
    this.#handedOut = start;
    this.#journal = new CursorJournal(cursor, start, {
      settings,
      place,
      dedupe,
      appendedUpTo: () => this.#log.nextPosition - 1,
      onSynced: () => this.#cursorSynced(),
    });
    this.#log = new SegmentLog(segments, {
      settings,
      place,
      deliveredUpTo: () => this.#journal.syncedCursor,
      otherBytes: () => this.#journal.diskBytes,
    });
    this.#tail = new TailMemory(settings.memoryBytes);
    this.#commits = new GroupCommit(this.#log, this.#tail, place.identity, settings, () => this.#appended());
    this.#reader = new SpoolReader(start + 1, {
      settings,
      identity: place.identity,
      log: this.#log,
      tail: this.#tail,
      quarantine,
      missing,
    });
    // Both first files are made now: on a disk that is full later, cursor and appends go on for a while.
    this.#journal.move(start);
    this.#log.prepare();
  }

  append(records: readonly Uint8Array[], head: Uint8Array = NO_HEAD): Promise<void> {
    if (this.#closing === undefined) return this.#commits.append(records, head);
    const failure = new Failure('SPOOL_CLOSED', `the spool ${this.#settings.folder} is closed`, {
      hint: 'send the events again once the receiver runs',
    });
    return Promise.reject(failure);
  }

  async next(options?: NextOptions): Promise<readonly SpoolRecord[]> {
    const records = await this.#reader.next(options);
    this.#handedOut = Math.max(this.#handedOut, records.at(-1)?.position ?? 0);
    return records;
  }

  seek(position: number): void {
    const { log, oldest } = { log: this.#log, oldest: this.#log.segments[0]?.firstPosition };
    const to = Math.min(Math.max(position, oldest ?? log.nextPosition), log.nextPosition);
    this.#handedOut = to - 1;
    this.#reader.moveTo(to);
    if (to - 1 < this.#journal.cursor) this.#journal.move(to - 1);
  }

  rewind(records: number): number {
    const from = this.#reader.position;
    const oldest = this.#log.segments[0]?.firstPosition ?? from;
    const present = (to: number): number => from - to - this.#recovered.missing.countBetween(to, from - 1);
    let to = Math.max(oldest, from - records);
    for (let missing = records - present(to); missing > 0 && to > oldest; missing = records - present(to))
      to = Math.max(oldest, to - missing);
    this.seek(to);
    return present(to);
  }

  commit(position: number): void {
    if (position > this.#handedOut) throw new RangeError(`record ${position} was not handed out; the last one is ${this.#handedOut}`);
    if (position > this.#journal.cursor) this.#journal.move(position);
  }

  flush(): Promise<void> {
    return this.#journal.flush();
  }

  get cursor(): number {
    return this.#journal.cursor;
  }

  get newest(): number {
    return this.#log.nextPosition - 1;
  }

  get note(): Uint8Array {
    return this.#journal.note;
  }

  setNote(note: Uint8Array): void {
    this.#journal.setNote(note);
  }

  usage(): SpoolUsage {
    const { missing, quarantine } = this.#recovered;
    const [cursor, last] = [this.#journal.cursor, this.newest];
    const undeliveredRecords = Math.max(0, last - cursor - missing.countBetween(cursor + 1, last));
    const oldestUndeliveredAtMs = undeliveredRecords === 0 ? undefined : this.#appendedAtMs(cursor + 1);
    return {
      undeliveredRecords,
      undeliveredBytes: this.#log.bytesAfter(cursor),
      ...(oldestUndeliveredAtMs === undefined ? {} : { oldestUndeliveredAtMs }),
      diskBytes: this.#log.diskBytes + this.#journal.diskBytes,
      maxBytes: this.#settings.maxBytes,
      level: this.#currentLevel(),
      segments: this.#log.segments.length,
      lostRecords: missing.lostCount,
      quarantine: quarantine.usage,
      dedupeKeys: this.dedupe.size,
      dedupeEvictedEarly: this.dedupe.evictedEarly,
      cursorLagRecords: cursor - this.#journal.syncedCursor,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.drain();
    await this.#reader.close();
    // A disk that refuses now has been reported; the cursor lags, as it may.
    await this.#journal.flush().catch(ignore);
    await this.#log.trim();
    await this.#log.close();
    await this.#journal.close();
    await unmarkOpen(this.#settings.fileSystem, this.#settings.folder);
    await this.#lock.release();
  }

  #appended(): void {
    this.#reader.wake();
    const nowMs = this.#settings.clock.monotonicMs();
    if (this.#commits.isRefusing === (this.#level === 'full') && nowMs - this.#levelSeenAtMs < LEVEL_EVERY_MS) return;
    this.#levelSeenAtMs = nowMs;
    this.#tellLevel();
  }

  #cursorSynced(): void {
    this.#log.trim().catch(ignore);
    this.#tellLevel();
  }

  #currentLevel(): SpoolLevel {
    if (this.#commits.isRefusing) return 'full';
    // What the cursor's files and the segment made ahead take is no room for records: without them a small spool would be full before it warns.
    const { maxBytes, segmentBytes, warnAtShare } = this.#settings;
    const room = Math.max(0, maxBytes - this.#journal.diskBytes - segmentBytes);
    return this.#log.bytesAfter(this.#journal.cursor) >= warnAtShare * room ? 'warn' : 'ok';
  }

  #tellLevel(): void {
    const level = this.#currentLevel();
    if (level === this.#level) return;
    this.#level = level;
    const undeliveredBytes = this.#log.bytesAfter(this.#journal.cursor);
    this.#settings.onEvent({ kind: 'level', level, undeliveredBytes, maxBytes: this.#settings.maxBytes });
  }

  #appendedAtMs(position: number): number | undefined {
    const group = this.#tail.find(position);
    if (group !== undefined) return writtenAtMsAt(group.frames, 0);
    const segment = this.#log.segmentFrom(position);
    return segment === undefined ? undefined : (markBefore(segment, position)?.atMs ?? segment.oldestAtMs);
  }
}
