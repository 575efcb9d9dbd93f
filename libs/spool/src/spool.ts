/**
 * The receiver's durable queue on disk. Bytes and checks: format.ts. Cursor: cursor-journal.ts.
 *
 *     FOLDER/segment-000000000007   records, in order; preallocated, written front to back, cut to size when full
 *     FOLDER/cursor-000000000012    how far they are delivered, dedupe keys, a note
 *     FOLDER/damaged/…              what could not be read: copies of damaged regions, files of others
 *     FOLDER/lock                   empty; locked by the process that works here
 *     FOLDER/open                   empty; there while a process works here, and after a crash until the next orderly end
 *
 * Promises
 * - When `append` has resolved, the records outlive SIGKILL and power loss. When it has rejected, none of them counts,
 *   though a crash right then may bring some of them back: a sender that repeats them meets its own duplicates.
 * - Records come out in the order in which they went in, each at least once, until `commit` has passed them. A crash
 *   hands out again what the cursor on disk had not passed: at most one batch after SIGKILL, `cursorSyncMs` more after
 *   power loss. The cursor never leads.
 * - Nothing undelivered is ever removed. At `maxBytes`, and when the disk refuses, `append` rejects and delivery goes
 *   on; when there is room again, so do appends.
 *
 * Invariants
 * 1. Positions grow by one a record, across segments and restarts, and are not used twice for acknowledged records.
 * 2. A file is written by one process only, in order; the next write begins when the one before it is synced.
 * 3. After a failed write or sync the file is not written again: its frames in flight go to a new one with the same
 *    positions. So the first position of a segment ends the segment before it.
 * 4. A name is synced before anything under it is acknowledged; a segment is removed only when a synced cursor is past it.
 *
 * Recovery, at each open, after a clean end as after a crash
 * 1. The newest intact cursor entry counts; dedupe keys of the window are taken from all of them.
 * 2. The newest segment is read to its last intact frame; what follows was torn, is copied to `damaged` if it is
 *    no zeros, and cut off. Older segments are read when they are delivered.
 * 3. Positions that are missing, between frames, between segments or before what the cursor knew to be acknowledged, are
 *    counted as lost and reported with file and offset; frames behind damage are found again by their marker.
 * 4. New records go to new files.
 */
import type { DedupeWindow } from './dedupe-window.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { OpenSpool } from './open-spool.ts';
import { recoverSpool } from './recover-spool.ts';
import { takeFolder } from './spool-folder.ts';
import { completeOptions, type SpoolOptions } from './spool-options.ts';
import type { NextOptions, SpoolRecord } from './spool-reader.ts';
import type { SpoolUsage } from './spool-usage.ts';

export interface Spool {
  /**
   * Resolves when every record is synced. Calls that wait together share a sync; one call's records stay together.
   *
   * @param head what each of the records begins with; none by default
   * @throws {Failure} `SPOOL_FULL` at the size limit, `SPOOL_WRITE_FAILED` when the disk refuses, `SPOOL_CLOSED`;
   *   then none of the records counts
   */
  append(records: readonly Uint8Array[], head?: Uint8Array): Promise<void>;
  /**
   * The next records, oldest first; waits while there is none. Empty only when the signal was aborted or the spool
   * closed. One call at a time.
   */
  next(options?: NextOptions): Promise<readonly SpoolRecord[]>;
  /**
   * The next record handed out is the one at this position, or the oldest behind it that is left. Going back behind the
   * cursor takes the cursor along: what is to be sent again is not delivered.
   */
  seek(position: number): void;
  /** Goes back by so many records that are still there; returns how many it was. */
  rewind(records: number): number;
  /**
   * The record at this position and all before it are delivered. The keys that `dedupe` admitted for them become durable
   * with the cursor. Returns at once; see `flush`. A position that was not handed out is a RangeError.
   */
  commit(position: number): void;
  /** Resolves when everything committed so far is synced; rejects with the disk's error. */
  flush(): Promise<void>;
  /** The position of the last record that is delivered; 0 before the first. */
  readonly cursor: number;
  /** The position of the last record that is stored; 0 before the first. Positions between may be missing: it is no count. */
  readonly newest: number;
  /** Keys of records that were handed out; those of delivered ones outlive a restart. */
  readonly dedupe: DedupeWindow;
  /** At most 256 bytes of the caller's, kept with the cursor: whom the last record was delivered to, say. Empty at first. */
  readonly note: Uint8Array;
  setNote(note: Uint8Array): void;
  usage(): SpoolUsage;
  /** Refuses further appends, waits for those under way, syncs the cursor, and leaves the folder to another process. */
  close(): Promise<void>;
}

/**
 * Opens the spool in a folder, or makes one.
 *
 * @throws {Failure} `SPOOL_LOCKED`, `SPOOL_UNSAFE` (owner or mode of the folder), `SPOOL_UNUSABLE` (the disk's error),
 *   `SPOOL_NEWER` (written by a later version; nothing is changed)
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const settings = completeOptions(options, nodeFileSystem);
  const lock = await takeFolder(settings.fileSystem, settings.folder, settings.ownerId);
  try {
    return new OpenSpool(await recoverSpool(settings), settings, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}
