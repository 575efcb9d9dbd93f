/**
 * Cursor and dedupe keys, durable together. Files `cursor-N`, framed as format.ts says, one entry a frame.
 *
 * Invariants
 * - An entry speaks of deliveries that have happened: the cursor on disk may lag, it never leads.
 * - Keys come before or with the cursor that covers them: a record that is delivered again after a crash finds no key
 *   of its own making, and one whose cursor is durable left its key.
 * - The newest intact entry is the cursor, also when it is lower than one before: that is a rewind.
 * - A file that failed, or that an earlier process wrote, is never written again. A new one begins with an entry that
 *   repeats cursor and note, so older files are kept for their keys alone, and go when those have had their time.
 *
 * When it is written: `commit` only marks the cursor as moved; a write takes everything marked so far, one at a time.
 * So it survives SIGKILL at once, and costs one write per batch at most. The sync comes at most `cursorSyncMs` later,
 * for all of them: that is how far the cursor lags at power loss.
 */
import { type CursorEntry, encodeCursorEntry, MAX_ENTRY_KEYS, MAX_NOTE_BYTES } from './cursor-entry.ts';
import type { DedupeWindow } from './dedupe-window.ts';
import { FileSupply } from './file-supply.ts';
import { errorCode } from './file-system.ts';
import { encodeFrame, FIRST_FRAME_OFFSET, FRAME_HEADER_BYTES } from './format.ts';
import { ignore, type LogFile, type SpoolPlace } from './log-file.ts';
import type { OldCursorFile, RecoveredCursor } from './recover-cursor.ts';
import type { SpoolSettings } from './spool-options.ts';

export interface JournalSurroundings {
  readonly settings: SpoolSettings;
  readonly place: SpoolPlace;
  readonly dedupe: DedupeWindow;
  /** The last position that is acknowledged. */
  readonly appendedUpTo: () => number;
  /** A synced cursor has moved: what it passed may be removed. */
  readonly onSynced: () => void;
}

const RETRY_AFTER_MS = 1_000;

interface ActiveFile {
  readonly log: LogFile;
  offset: number;
  keyCount: number;
}

interface Progress {
  readonly cursor: number;
  readonly sequence: number;
}

export class CursorJournal {
  readonly #around: JournalSurroundings;
  readonly #supply: FileSupply;
  #old: OldCursorFile[];
  #active: ActiveFile | undefined;
  #cursor: number;
  #note: Buffer;
  /** What the last entry said, and the sequence number from which on keys are in no file yet. */
  #written: Progress;
  /** The same at the last sync. */
  #synced: Progress;
  /** The note of the last entry that had one: an entry may be on its way with an older one when the note changes. */
  #writtenNote: Uint8Array | undefined;
  #hasUnsynced = false;
  #wantsWrite = false;
  #wantsSync = false;
  #running: Promise<void> | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  #isFailing = false;

  constructor(recovered: RecoveredCursor, startAt: number, around: JournalSurroundings) {
    this.#around = around;
    this.#old = [...recovered.files];
    this.#cursor = startAt;
    this.#note = recovered.known?.note ?? Buffer.alloc(0);
    this.#written = { cursor: startAt, sequence: around.dedupe.nextSequence };
    this.#synced = { cursor: recovered.known?.cursor ?? 0, sequence: this.#written.sequence };
    const { cursorFileBytes } = around.settings;
    this.#supply = new FileSupply(around.place, 'CURS', {
      fileBytes: cursorFileBytes,
      nextOrdinal: recovered.nextOrdinal,
      ready: recovered.spare,
    });
  }

  /** Every record up to this one is delivered. */
  get cursor(): number {
    return this.#cursor;
  }

  /** What would be found after a power loss now, at the least; a rewind counts at once. */
  get syncedCursor(): number {
    return Math.min(this.#synced.cursor, this.#cursor);
  }

  get note(): Uint8Array {
    return this.#note;
  }

  get diskBytes(): number {
    return this.#old.reduce((sum, file) => sum + file.bytes, this.#supply.heldBytes + (this.#active?.log.bytes ?? 0));
  }

  /** Moves the cursor, forward or back. */
  move(cursor: number): void {
    this.#cursor = cursor;
    this.#schedule();
  }

  setNote(note: Uint8Array): void {
    if (note.byteLength > MAX_NOTE_BYTES) throw new RangeError(`a note has at most ${MAX_NOTE_BYTES} bytes, this one ${note.byteLength}`);
    this.#note = Buffer.from(note);
    this.#schedule();
  }

  /** Resolves when cursor, note and keys of this moment are synced. Rejects with the disk's error. */
  async flush(): Promise<void> {
    this.#wantsSync = true;
    await this.#start();
  }

  async close(): Promise<void> {
    await this.#running?.catch(ignore);
    clearTimeout(this.#syncTimer);
    const active = this.#active;
    this.#active = undefined;
    await active?.log.file.truncate(active.offset).catch(ignore);
    await active?.log.file.close().catch(ignore);
    await this.#supply.close();
  }

  #schedule(): void {
    this.#wantsWrite = true;
    this.#start().catch(ignore);
  }

  /** One worker at a time; a caller that comes while it works waits until what it wants is done as well. */
  #start(): Promise<void> {
    this.#running ??= this.#work();
    return this.#running;
  }

  async #work(): Promise<void> {
    // Commits of the same turn go together.
    await undefined;
    try {
      while (this.#wantsWrite || this.#wantsSync) {
        if (this.#wantsWrite) await this.#write();
        else await this.#sync();
      }
      if (this.#isFailing) this.#around.settings.onEvent({ kind: 'write-recovered', what: 'cursor' });
      this.#isFailing = false;
      if (this.#hasUnsynced) this.#syncLater(this.#around.settings.cursorSyncMs);
    } catch (error) {
      this.#failed(error);
      throw error;
    } finally {
      this.#running = undefined;
    }
  }

  async #write(): Promise<void> {
    this.#wantsWrite = false;
    for (;;) {
      const cursor = this.#cursor;
      const { entries, next } = this.#around.dedupe.entriesFrom(this.#written.sequence, cursor, MAX_ENTRY_KEYS);
      // More keys than one entry takes: the cursor waits for the last of them.
      const isLast = entries.length < MAX_ENTRY_KEYS;
      const note = this.#writtenNote === this.#note && this.#active !== undefined ? undefined : this.#note;
      const reached = { cursor: isLast ? cursor : this.#written.cursor, sequence: next };
      await this.#put(reached.cursor, { appendedUpTo: this.#around.appendedUpTo(), note, keys: entries });
      this.#written = reached;
      if (isLast) return;
    }
  }

  async #put(cursor: number, entry: CursorEntry): Promise<void> {
    const payload = encodeCursorEntry(entry);
    const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.byteLength);
    encodeFrame(
      frame,
      0,
      this.#around.place.identity,
      { position: cursor, atMs: this.#around.settings.clock.wallMs(), indexInWrite: 0 },
      payload,
    );
    const active = await this.#room(frame.byteLength);
    await active.log.file.write(frame, active.offset);
    this.#hasUnsynced = true;
    this.#writtenNote = entry.note ?? this.#writtenNote;
    active.offset += frame.byteLength;
    active.keyCount += entry.keys.length;
    if (active.offset * 2 > active.log.bytes) this.#supply.prepare();
  }

  async #room(bytes: number): Promise<ActiveFile> {
    if (this.#active !== undefined && this.#active.offset + bytes <= this.#active.log.bytes) return this.#active;
    if (this.#active !== undefined) {
      await this.#active.log.file.datasync();
      await this.#retire();
    }
    this.#active = { log: await this.#supply.take(), offset: FIRST_FRAME_OFFSET, keyCount: 0 };
    await this.#begin();
    return this.#active;
  }

  /** The entry that makes the files before this one dispensable, but for their keys. */
  async #begin(): Promise<void> {
    await this.#put(this.#written.cursor, { appendedUpTo: this.#around.appendedUpTo(), note: this.#note, keys: [] });
  }

  async #sync(): Promise<void> {
    this.#wantsSync = false;
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
    if (!this.#hasUnsynced) return;
    await this.#active?.log.file.datasync();
    this.#hasUnsynced = false;
    this.#synced = this.#written;
    await this.#dropOld();
    this.#around.onSynced();
  }

  #syncLater(ms: number): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      this.flush().catch(ignore);
    }, ms).unref();
  }

  /** The file is not trusted any more; what was not synced is written again, to the next one. */
  #failed(error: unknown): void {
    const { onEvent } = this.#around.settings;
    if (!this.#isFailing)
      onEvent({
        kind: 'write-failed',
        what: 'cursor',
        code: errorCode(error),
        message: error instanceof Error ? error.message : String(error),
      });
    this.#isFailing = true;
    this.#wantsWrite = true;
    this.#hasUnsynced = false;
    this.#written = this.#synced;
    this.#retire().catch(ignore);
    this.#syncLater(RETRY_AFTER_MS);
  }

  async #retire(): Promise<void> {
    const active = this.#active;
    if (active === undefined) return;
    this.#active = undefined;
    const { log, offset, keyCount } = active;
    const isCut = await log.file.truncate(offset).then(
      () => true,
      () => false,
    );
    await log.file.close().catch(ignore);
    this.#old.push({ path: log.path, bytes: isCut ? offset : log.bytes, keyCount, newestAtMs: this.#around.settings.clock.wallMs() });
  }

  /** Files whose keys are all too old, or too many keys back. */
  async #dropOld(): Promise<void> {
    const { dedupe, place, settings } = this.#around;
    let keysBehind = (this.#active?.keyCount ?? 0) + this.#old.reduce((sum, file) => sum + file.keyCount, 0);
    const kept: OldCursorFile[] = [];
    for (const file of this.#old) {
      keysBehind -= file.keyCount;
      const isNeeded = file.keyCount > 0 && settings.clock.wallMs() - file.newestAtMs <= dedupe.windowMs && keysBehind < dedupe.maxKeys;
      if (isNeeded) kept.push(file);
      else await place.fileSystem.unlink(file.path).catch(ignore);
    }
    if (kept.length === this.#old.length) return;
    this.#old = kept;
    await place.fileSystem.syncFolder(place.folder).catch(ignore);
  }
}
