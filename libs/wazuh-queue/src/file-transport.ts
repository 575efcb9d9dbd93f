/**
 * Into a file, one event a line, which a Wazuh agent or manager follows (`<localfile>`): the way that needs no socket, and
 * where the file itself is a second spool.
 *
 * Invariants: a line is complete or absent. What a crash or a full disk left half written is cut off or closed by a line feed
 * before anything else is written, and was never acknowledged. The file is replaced by rename only, between two lines, so a
 * follower can finish the old one by its open descriptor.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { Failure } from '@k8s-audit/failure';
import { AGENT_MAX_DATAGRAM_BYTES, parseDatagram } from '@k8s-audit/wazuh-message';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { oversizeIndexes } from './oversize.ts';
import type { SendOutcome, Transport, TransportState } from './transport.ts';

export interface FileTransportOptions {
  readonly path: string;
  /** Before it would grow beyond, it is renamed to `PATH.1`, that to `PATH.2`, ... 256 MiB by default. */
  readonly maxFileBytes?: number;
  /** How many renamed files are kept; 3 by default. */
  readonly keptFiles?: number;
  /** `always`: a line is on the disk before `sent`. `never`: the operating system decides, and a power cut takes some. */
  readonly sync?: 'always' | 'never';
  readonly onState?: (state: TransportState) => void;
  readonly clock?: Clock;
}

const DEFAULT_MAX_FILE_BYTES = 256 * 1024 * 1024;
const DEFAULT_KEPT_FILES = 3;
/** The follower's user is in the file's group. */
const FILE_MODE = 0o640;
const RETRY_MS = 1000;
/** Errors that pass when somebody makes room or gives permission; anything else is thrown. */
const PASSING_ERRORS = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EACCES', 'EROFS', 'ENOENT', 'EIO']);
const LINE_FEED = 0x0a;

/** `send` throws a {@link Failure} TRANSPORT_FILE_UNUSABLE when waiting cannot help: a folder or a link at the path. */
export function createFileTransport(options: FileTransportOptions): Transport {
  return new FileTransport(options);
}

class FileTransport implements Transport {
  readonly name = 'file';
  readonly maxDatagramBytes: number = AGENT_MAX_DATAGRAM_BYTES;
  readonly pacing = { kind: 'none' } as const;
  readonly lossAfterUs =
    'Whoever follows the file: logcollector drops lines above 64 KiB, and what it has not read when the file is renamed and it looks again (every 64 s).';
  private readonly options: FileTransportOptions;
  private readonly clock: Clock;
  private readonly closing = new AbortController();
  private turn: Promise<unknown> = Promise.resolve();
  private file: { readonly handle: FileHandle; readonly inode: bigint; bytes: number } | undefined;
  private told = '';

  constructor(options: FileTransportOptions) {
    this.options = options;
    this.clock = options.clock ?? SYSTEM_CLOCK;
  }

  send(datagrams: readonly Uint8Array[], { signal }: { readonly signal?: AbortSignal } = {}): Promise<SendOutcome> {
    const indexes = oversizeIndexes(datagrams, this.maxDatagramBytes);
    if (indexes !== undefined) return Promise.resolve({ kind: 'oversize', indexes });
    const ending = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    const outcome = this.turn.then(() => this.write(linesOf(datagrams), ending));
    this.turn = outcome.catch(() => undefined);
    return outcome;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.turn;
    await this.file?.handle.close();
    this.file = undefined;
  }

  private async write(lines: Buffer, ending: AbortSignal): Promise<SendOutcome> {
    while (!ending.aborted) {
      try {
        await this.append(lines);
        this.tell({ state: 'connected', reader: this.options.path });
        return { kind: 'sent' };
      } catch (error) {
        const { code = '', message } = error as NodeJS.ErrnoException;
        if (!PASSING_ERRORS.has(code))
          throw new Failure('TRANSPORT_FILE_UNUSABLE', `${this.options.path} cannot be written to: ${message}`, {
            hint: 'Name a plain file (no folder, no symbolic link) in a folder that this user may write to.',
            cause: error,
          });
        const reason = code === 'EACCES' || code === 'EROFS' ? 'not-permitted' : code === 'ENOENT' ? 'absent' : 'no-resources';
        this.tell({ state: 'waiting', reason, detail: message });
        await this.forgetFile();
        await this.clock.sleep(RETRY_MS, ending);
      }
    }
    return { kind: 'stopped', sent: 0 };
  }

  private async append(lines: Buffer): Promise<void> {
    let file = await this.currentFile();
    if (file.bytes > 0 && file.bytes + lines.length > (this.options.maxFileBytes ?? DEFAULT_MAX_FILE_BYTES)) {
      await this.rotate();
      file = await this.currentFile();
    }
    try {
      for (let written = 0; written < lines.length; )
        written += (await file.handle.write(lines, written, lines.length - written, null)).bytesWritten;
      if (this.options.sync !== 'never') await file.handle.datasync();
      file.bytes += lines.length;
    } catch (error) {
      // Half a batch may stand there: a follower must not read it twice, once broken. When even that fails, `openFile` closes the line.
      await file.handle.truncate(file.bytes).catch(() => undefined);
      throw error;
    }
  }

  /** The file that stands at the path now: somebody may have renamed it, or emptied it in place. */
  private async currentFile(): Promise<NonNullable<FileTransport['file']>> {
    const found = await stat(this.options.path, { bigint: true }).catch(() => undefined);
    if (this.file !== undefined && found?.ino === this.file.inode) {
      this.file.bytes = Number(found.size);
      return this.file;
    }
    await this.forgetFile();
    this.file = await openFile(this.options.path);
    return this.file;
  }

  private async rotate(): Promise<void> {
    await this.forgetFile();
    const { path, keptFiles = DEFAULT_KEPT_FILES } = this.options;
    await rm(`${path}.${keptFiles}`, { force: true });
    for (let each = keptFiles - 1; each >= 1; each--) await rename(`${path}.${each}`, `${path}.${each + 1}`).catch(ignoreMissing);
    if (keptFiles > 0) await rename(path, `${path}.1`);
    else await rm(path);
  }

  private async forgetFile(): Promise<void> {
    const file = this.file;
    this.file = undefined;
    await file?.handle.close().catch(() => undefined);
  }

  private tell(state: TransportState): void {
    const key = state.state === 'connected' ? 'connected' : `${state.reason} ${state.detail}`;
    if (key === this.told) return;
    this.told = key;
    this.options.onState?.(state);
  }
}

async function openFile(path: string): Promise<{ handle: FileHandle; inode: bigint; bytes: number }> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, FILE_MODE);
  try {
    const { ino, size } = await handle.stat({ bigint: true });
    let bytes = Number(size);
    if (bytes > 0) {
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, bytes - 1);
      // The half line of a crash: it was not acknowledged and comes again; here it must not swallow the next one.
      if (buffer[0] !== LINE_FEED) bytes += (await handle.write('\n')).bytesWritten;
    }
    return { handle, inode: ino, bytes };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The queue's header stays behind: in a file the path is the location. */
function linesOf(datagrams: readonly Uint8Array[]): Buffer {
  const parts = datagrams.flatMap((datagram) => {
    const log = Buffer.from(parseDatagram(datagram)?.log ?? datagram);
    // A line feed inside JSON can only be white space between its tokens.
    for (let at = log.indexOf(LINE_FEED); at >= 0; at = log.indexOf(LINE_FEED, at + 1)) log[at] = 0x20;
    return [log, LINE_END];
  });
  return Buffer.concat(parts);
}

const LINE_END = Buffer.from('\n');

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
