/**
 * Follows a log file: what is appended to it, and what its rotations leave behind, also while nobody was here.
 *
 *   at the path   read line by line, whole lines only; polled, because what tells of changes tells nothing over NFS and overlays
 *   rename        the old file is read to its end by its open descriptor, then the new one from its beginning
 *   copytruncate  the rest is read from the copy
 *   gzip          a packed file is known by its first line too, and read where it was not read to its end
 *   restart       the checkpoint names every file that was there; one that it does not name is new
 *
 * Promises
 * - Each line is handed over at least once, and the byte behind it is written down only then. A crash hands over again what was
 *   taken in the last second.
 * - As long as a file exists under a name that its rotation gave, nothing of it is lost. Where something may have been, `gap` says so.
 * - What cannot be taken stays in the file and is tried again.
 *
 * What cannot be told: lines that copytruncate itself loses, between its copy and its truncation.
 */
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileProgress, LogCheckpoint } from './checkpoint.ts';
import type { LogEvent } from './log-event.ts';
import { readPackedHead } from './log-head.ts';
import { readPackedLog } from './packed-log.ts';
import { type FoundLines, PlainLog, Truncated } from './plain-log.ts';
import { listRotated, type RotatedFile } from './rotated-files.ts';

export interface FollowOptions {
  readonly path: string;
  /** Of an earlier run; without one the file at the path is read from `start`, and rotated files count as read. */
  readonly checkpoint?: LogCheckpoint;
  /** Default `beginning`. */
  readonly start?: 'beginning' | 'end';
  /** Gets whole lines; resolves when they need not be read again. What it throws is told, and the same lines come again. */
  readonly take: (lines: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Writes down how far was read; at most once a second, and at the end. */
  readonly save: (checkpoint: LogCheckpoint) => Promise<void>;
  readonly onEvent?: (event: LogEvent) => void;
  readonly times?: Partial<FollowTimes>;
}

export interface FollowTimes {
  /** Between two looks at a file that does not grow. */
  readonly pollMs: number;
  /** Between two looks for rotated files, besides those that a rotation makes. */
  readonly scanMs: number;
  readonly saveMs: number;
  /** Before lines that were refused come again. */
  readonly retryMs: number;
  /** A rotated file that did not change for so long is written to by nobody: its last line needs no line feed. */
  readonly quietMs: number;
  /** A file that is absent for less was just renamed. */
  readonly absentMs: number;
}

const TIMES: FollowTimes = { pollMs: 200, scanMs: 10_000, saveMs: 1_000, retryMs: 1_000, quietMs: 10_000, absentMs: 2_000 };

export interface FollowedLog {
  /** Behind the last line that was taken, and the size, of the file at the path; how often lines may have been lost. */
  progress(): { readonly byte: number; readonly bytes: number; readonly gaps: number };
  /** Resolves when what is being taken is taken, and how far that was is saved. */
  stop(): Promise<void>;
}

export function followLog(options: FollowOptions): FollowedLog {
  const follower = new Follower(options);
  const ended = follower.run();
  return { progress: () => follower.progress(), stop: () => follower.stop().then(() => ended) };
}

class Follower {
  readonly #options: FollowOptions;
  readonly #times: FollowTimes;
  readonly #stopping = new AbortController();
  readonly #files: Map<string, FileProgress>;
  /** Heads of packed files by their mark: a file that did not change is not unpacked again. */
  #heads = new Map<string, string | undefined>();
  #isFirstScan: boolean;
  #active: PlainLog | undefined;
  #activeBytes = 0;
  /** The head of a file that was emptied in place, until a copy of it is found. */
  #emptied: string | undefined;
  #scannedAtMs = Number.NEGATIVE_INFINITY;
  #savedAtMs = performance.now();
  #isUnsaved = false;
  #absentSinceMs: number | undefined;
  #told = new Set<string>();
  #gaps = 0;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#files = new Map(options.checkpoint?.files);
    this.#isFirstScan = options.checkpoint === undefined;
  }

  progress(): { byte: number; bytes: number; gaps: number } {
    return { byte: this.#active?.byte ?? 0, bytes: this.#activeBytes, gaps: this.#gaps };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
  }

  async run(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#round();
        this.#told.delete('failed');
      } catch (error) {
        // Of the disk, between two reads: the next round looks again.
        this.#tellOnce('failed', { kind: 'waiting', file: this.#options.path, ...explain(error) });
      }
      await this.#saveIfDue();
      await this.#sleep(this.#times.pollMs);
    }
    await this.#active?.close();
    if (this.#isUnsaved && !this.#isFirstScan) await this.#save();
  }

  /** Old files before new ones; the one at the path last. */
  async #round(): Promise<void> {
    if (this.#active !== undefined && (await this.#isDisplaced(this.#active))) await this.#leave(this.#active);
    const isNew = this.#active === undefined;
    if (isNew) this.#active = await this.#openActive();
    // Right after a rename there is no file: it is not missing yet.
    if (this.#active === undefined && performance.now() - (this.#absentSinceMs ?? 0) < this.#times.absentMs) return;
    if (this.#active === undefined)
      this.#tellOnce('absent', { kind: 'waiting', file: this.#options.path, code: 'ENOENT', detail: 'there is no such file' });
    if ((isNew && this.#active !== undefined) || performance.now() - this.#scannedAtMs >= this.#times.scanMs) await this.#readRotated();
    if (this.#active !== undefined && (await this.#drain(this.#active)) === 'truncated') await this.#abandon(this.#active);
  }

  /** @throws the system's error, when there is a file that cannot be read */
  async #openActive(): Promise<PlainLog | undefined> {
    const { path, start } = this.#options;
    const active = await PlainLog.open(path).catch(ignoreMissing);
    if (active === undefined) {
      this.#absentSinceMs ??= performance.now();
      return undefined;
    }
    this.#absentSinceMs = undefined;
    this.#told.delete('absent');
    const known = active.head === undefined ? undefined : this.#files.get(active.head);
    const isFirst = known === undefined && this.#isFirstScan;
    active.byte = isFirst && start === 'end' ? await active.lastLineEnd() : (known?.byte ?? 0);
    if (active.byte > (await active.size())) {
      this.#tellGap('truncated', path, active.byte);
      active.byte = await active.lastLineEnd();
    }
    this.#note(active);
    this.#tell({ kind: 'reading', file: path, fromByte: active.byte });
    return active;
  }

  async #isDisplaced(active: PlainLog): Promise<boolean> {
    const found = await stat(this.#options.path, { bigint: true }).catch(() => undefined);
    this.#activeBytes = Number(found?.size ?? this.#activeBytes);
    // An absent file may be one that is being renamed: what is open is read on until another one is there.
    return found !== undefined && `${found.dev}:${found.ino}` !== active.identity;
  }

  /** The file at the path is another one now: the old one is read to its end, by whatever name. */
  async #leave(active: PlainLog): Promise<void> {
    const end = await this.#drain(active);
    if (end === 'stopped') return;
    if (end === 'truncated') return this.#abandon(active);
    if (active.head !== undefined && active.byte >= (await active.size())) this.#set(active.head, { byte: active.byte, isComplete: true });
    await this.#close(active);
  }

  /** The file was emptied in place. Its copy, if there is one, has the rest. */
  async #abandon(active: PlainLog): Promise<void> {
    this.#emptied = active.head;
    await this.#close(active);
  }

  async #close(active: PlainLog): Promise<void> {
    this.#active = undefined;
    this.#scannedAtMs = Number.NEGATIVE_INFINITY;
    await active.close();
  }

  async #readRotated(): Promise<void> {
    this.#scannedAtMs = performance.now();
    const found = await this.#scan();
    for (const [head, rotated] of found) {
      if (this.#isStopping) return;
      if (head === this.#active?.head) continue;
      if (rotated.isPacked) await this.#readPacked(head, rotated);
      else await this.#readPlain(head, rotated);
    }
  }

  /** Every rotated file by its head, oldest first; new ones are noted down, and missing ones are told. */
  async #scan(): Promise<ReadonlyMap<string, RotatedFile>> {
    const found = new Map<string, RotatedFile>();
    const heads = new Map<string, string | undefined>();
    for (const rotated of await listRotated(this.#options.path)) {
      const key = `${rotated.file} ${rotated.mark}`;
      const head = this.#heads.has(key) ? this.#heads.get(key) : await headOfRotated(rotated);
      heads.set(key, head);
      // Of two copies the plain one, then the longer one.
      const other = head === undefined ? undefined : found.get(head);
      if (head !== undefined && (other === undefined || isBetter(rotated, other))) found.set(head, rotated);
    }
    this.#heads = heads;
    for (const [head, { isPacked, bytes }] of found)
      if (!this.#files.has(head)) this.#set(head, { byte: this.#isFirstScan && !isPacked ? bytes : 0, isComplete: this.#isFirstScan });
    this.#isUnsaved ||= this.#isFirstScan;
    this.#isFirstScan = false;
    for (const [head, { byte, isComplete }] of this.#files) {
      if (found.has(head) || head === this.#active?.head) continue;
      this.#files.delete(head);
      this.#isUnsaved = true;
      const reason = head === this.#emptied ? 'truncated' : 'gone';
      if (!isComplete) this.#tellGap(reason, this.#options.path, byte);
    }
    this.#emptied = undefined;
    return found;
  }

  async #readPlain(head: string, { file, bytes, modifiedMs }: RotatedFile): Promise<void> {
    const known = this.#files.get(head) as FileProgress;
    // Complete at byte 0: seen packed only, before our time.
    if (bytes <= known.byte || (known.isComplete && known.byte === 0)) {
      if (!known.isComplete) this.#set(head, { byte: known.byte, isComplete: true });
      return;
    }
    const log = await PlainLog.open(file).catch(() => undefined); // renamed meanwhile: the next scan finds it
    if (log === undefined) return this.#scanSoon();
    try {
      if (log.head !== head) return this.#scanSoon();
      log.byte = known.byte;
      this.#tellOnce(`reading ${head}`, { kind: 'reading', file, fromByte: log.byte });
      const end = await this.#drain(log);
      const isQuiet = Date.now() - modifiedMs >= this.#times.quietMs;
      if (end === 'none' && isQuiet) {
        const last = await log.lastLine();
        if (last.kind === 'lines') await this.#take(log, last);
        this.#set(head, { byte: log.byte, isComplete: log.byte >= (await log.size()) });
      }
    } finally {
      await log.close();
    }
  }

  async #readPacked(head: string, { file }: RotatedFile): Promise<void> {
    const { byte: fromByte, isComplete } = this.#files.get(head) as FileProgress;
    if (isComplete) return;
    this.#tell({ kind: 'reading', file, fromByte });
    let byte = fromByte;
    const onTaken = (taken: number): void => {
      byte = taken;
      this.#set(head, { byte, isComplete: false });
    };
    try {
      const end = await readPackedLog(file, fromByte, (lines) => this.#hand(file, () => once(lines)), onTaken);
      if (end === 'end') this.#set(head, { byte, isComplete: true });
    } catch {
      // A packed file is there as a whole or broken; broken, all of it that can be read was.
      this.#set(head, { byte, isComplete: true });
      this.#tellGap('unreadable', file, byte);
    }
  }

  async #drain(log: PlainLog): Promise<'none' | 'truncated' | 'stopped'> {
    while (!this.#isStopping) {
      const found = await log.nextLines();
      if (found.kind !== 'lines') return found.kind;
      const taken = await this.#take(log, found);
      if (taken !== 'taken') return taken;
      await this.#saveIfDue();
      // Behind a fast writer, rotated files come and go: at least that they were there shall be known.
      if (log === this.#active && performance.now() - this.#scannedAtMs >= this.#times.scanMs) {
        this.#scannedAtMs = performance.now();
        await this.#scan();
      }
    }
    return 'stopped';
  }

  async #take(log: PlainLog, { read, endByte }: FoundLines): Promise<'taken' | 'truncated' | 'stopped'> {
    try {
      if (!(await this.#hand(log.file, read))) return 'stopped';
    } catch (error) {
      if (error instanceof Truncated) return 'truncated';
      throw error;
    }
    log.byte = endByte;
    this.#note(log);
    return 'taken';
  }

  /** Until they are taken. @returns false when we are to stop before that */
  async #hand(file: string, read: () => AsyncIterable<Buffer>): Promise<boolean> {
    for (;;) {
      try {
        await this.#options.take(read());
        if (this.#told.delete('refused')) this.#tell({ kind: 'taken-again', file });
        return true;
      } catch (error) {
        if (error instanceof Truncated) throw error;
        this.#tellOnce('refused', { kind: 'refused', file, detail: explain(error).detail });
        if (this.#isStopping) return false;
        await this.#sleep(this.#times.retryMs);
        if (this.#isStopping) return false;
      }
    }
  }

  #note(log: PlainLog): void {
    if (log.head !== undefined) this.#set(log.head, { byte: log.byte, isComplete: false });
  }

  #set(head: string, progress: FileProgress): void {
    this.#files.set(head, progress);
    this.#isUnsaved = true;
  }

  #scanSoon(): void {
    this.#scannedAtMs = Number.NEGATIVE_INFINITY;
  }

  async #saveIfDue(): Promise<void> {
    if (this.#isUnsaved && !this.#isFirstScan && performance.now() - this.#savedAtMs >= this.#times.saveMs) await this.#save();
  }

  async #save(): Promise<void> {
    this.#savedAtMs = performance.now();
    try {
      await this.#options.save({ files: this.#files });
      this.#isUnsaved = false;
      this.#told.delete('unsaved');
    } catch (error) {
      this.#tellOnce('unsaved', { kind: 'unsaved', file: this.#options.path, detail: explain(error).detail });
    }
  }

  #tellGap(reason: 'gone' | 'truncated' | 'unreadable', file: string, atByte: number): void {
    this.#gaps += 1;
    this.#tell({ kind: 'gap', reason, file, atByte });
  }

  #tell(event: LogEvent): void {
    this.#options.onEvent?.(event);
  }

  #tellOnce(name: string, event: LogEvent): void {
    if (!this.#told.has(name)) this.#tell(event);
    this.#told.add(name);
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #sleep(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined); // an abort ends the wait, the caller looks
  }
}

async function headOfRotated({ file, isPacked }: RotatedFile): Promise<string | undefined> {
  if (isPacked) return readPackedHead(file);
  const log = await PlainLog.open(file).catch(() => undefined); // renamed or not permitted: the next scan looks again
  const head = log?.head;
  await log?.close();
  return head;
}

function isBetter(one: RotatedFile, other: RotatedFile): boolean {
  return one.isPacked === other.isPacked ? one.bytes > other.bytes : !one.isPacked;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function* once(lines: Buffer): AsyncGenerator<Buffer> {
  yield lines;
}

function explain(error: unknown): { readonly code: string; readonly detail: string } {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return { code, detail: message };
}
