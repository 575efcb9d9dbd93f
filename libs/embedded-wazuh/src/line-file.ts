/**
 * alerts.json and archives.json: one document a line, appended whole lines at a time.
 *
 * Invariants: whoever reads up to the last line feed reads whole documents. What a full disk left half written is cut off again
 * before anything follows. The file may be renamed, removed or emptied by others at any time: the next lines go to a new one.
 */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';

export interface LineFileOptions {
  readonly path: string;
  /** `daily`: at the first write of a new local day the file moves to YYYY/Mon/ossec-NAME-DD.json, where Wazuh keeps old days. */
  readonly rotation: 'daily' | 'never';
  readonly onProblem?: (problem: FileProblem) => void;
}

/** Told once when it begins and once when it is over, not at each attempt. */
export type FileProblem =
  | { readonly kind: 'cannot-write'; readonly path: string; readonly reason: string }
  | { readonly kind: 'can-write-again'; readonly path: string };

/** As Wazuh's own files: for the group wazuh (wazuh v4.14.7 src/analysisd/getloglocation.c). */
const FILE_MODE = 0o640;
const FOLDER_MODE = 0o750;
const RETRY_MS = 1000;
/** Errors that pass when somebody makes room; anything else is thrown. */
const PASSING_ERRORS = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO']);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export class LineFile {
  private readonly options: LineFileOptions;
  private file: { readonly handle: FileHandle; readonly inode: bigint; bytes: number; day: string } | undefined;
  private hasProblem = false;

  constructor(options: LineFileOptions) {
    this.options = options;
  }

  /** Where the next line will begin; part of a document's id. Follow it with the `append` of that very line. */
  async nextOffset(nowMs: number): Promise<number> {
    try {
      return (await this.currentFile(nowMs)).bytes;
    } catch (error) {
      // On a full disk it cannot even be made; `append` waits for that.
      if (isPassing(error)) return 0;
      throw error;
    }
  }

  /**
   * Waits while the disk is full.
   *
   * @param lines whole lines, each with its line feed
   * @returns false when the signal ended the wait: nothing of it stands in the file
   * @throws {Failure} LOG_FILE_UNUSABLE, when waiting cannot help
   */
  async append(lines: Buffer, nowMs: number, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      try {
        await this.write(lines, nowMs);
        this.tell(undefined);
        return true;
      } catch (error) {
        if (!isPassing(error)) throw error instanceof Failure ? error : unusable(this.options.path, error as Error);
        this.tell((error as Error).message);
        if (signal.aborted) return false;
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async close(): Promise<void> {
    await this.file?.handle.close();
    this.file = undefined;
  }

  private async write(lines: Buffer, nowMs: number): Promise<void> {
    const file = await this.currentFile(nowMs);
    try {
      for (let written = 0; written < lines.length; )
        written += (await file.handle.write(lines, written, lines.length - written, null)).bytesWritten;
      file.bytes += lines.length;
      file.day = dayOf(nowMs);
    } catch (error) {
      await file.handle.truncate(file.bytes).catch(() => undefined);
      throw error;
    }
  }

  private async currentFile(nowMs: number): Promise<NonNullable<LineFile['file']>> {
    const found = await stat(this.options.path, { bigint: true }).catch(() => undefined);
    if (this.file !== undefined && found?.ino === this.file.inode && !this.isOver(this.file.day, nowMs)) {
      this.file.bytes = Number(found.size);
      return this.file;
    }
    const previous = this.file?.day ?? (found === undefined ? undefined : dayOf(Number(found.mtimeMs)));
    await this.close();
    if (found !== undefined && found.size > 0n && previous !== undefined && this.isOver(previous, nowMs)) await this.putAway(previous);
    this.file = { ...(await openFile(this.options.path)), day: dayOf(nowMs) };
    return this.file;
  }

  private isOver(day: string, nowMs: number): boolean {
    return this.options.rotation === 'daily' && day !== dayOf(nowMs);
  }

  private async putAway(day: string): Promise<void> {
    const { path } = this.options;
    const [year = '', month = '', date = ''] = day.split('-');
    const folder = join(dirname(path), year, MONTHS[Number(month) - 1] ?? month);
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    const kind = extname(path);
    const name = `ossec-${basename(path, kind)}-${date}`;
    // A day that was put away before, by a clock set back or a restart, gets a number as Wazuh's rotation by size gives it.
    for (let part = 0; ; part++) {
      const target = join(folder, part === 0 ? `${name}${kind}` : `${name}-${String(part).padStart(3, '0')}${kind}`);
      if ((await stat(target).catch(() => undefined)) !== undefined) continue;
      await rename(path, target);
      return;
    }
  }

  private tell(reason: string | undefined): void {
    if ((reason !== undefined) === this.hasProblem) return;
    this.hasProblem = reason !== undefined;
    const { path, onProblem } = this.options;
    onProblem?.(reason === undefined ? { kind: 'can-write-again', path } : { kind: 'cannot-write', path, reason });
  }
}

const LINE_FEED = 0x0a;

async function openFile(path: string): Promise<{ handle: FileHandle; inode: bigint; bytes: number }> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, FILE_MODE);
    const { ino, size } = await handle.stat({ bigint: true });
    let bytes = Number(size);
    if (bytes > 0) {
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, bytes - 1);
      // The half line of a process that was killed; the event comes again or was never acknowledged.
      if (buffer[0] !== LINE_FEED) bytes += (await handle.write('\n')).bytesWritten;
    }
    return { handle, inode: ino, bytes };
  } catch (error) {
    throw isPassing(error) ? error : unusable(path, error as Error);
  }
}

function isPassing(error: unknown): boolean {
  return PASSING_ERRORS.has((error as NodeJS.ErrnoException).code ?? '');
}

function unusable(path: string, error: Error): Failure {
  return new Failure('LOG_FILE_UNUSABLE', `${path} cannot be written to: ${error.message}`, {
    hint: 'Give this user the right to write there, or name another file.',
    cause: error,
  });
}

/** The local day, as analysisd turns its files over: `2026-11-23`. */
function dayOf(ms: number): string {
  const date = new Date(ms);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}
