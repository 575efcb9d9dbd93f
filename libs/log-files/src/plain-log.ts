import { type FileHandle, open } from 'node:fs/promises';
import { type LogHead, readHead } from './log-head.ts';

/** Whole lines of a file, to be read once or, where they were refused, again. */
export interface FoundLines {
  readonly kind: 'lines';
  /** @throws {Truncated} when the file is emptied meanwhile */
  readonly read: () => AsyncIterable<Buffer>;
  /** The byte behind them. */
  readonly endByte: number;
}

/** The file was emptied or replaced in place: what stands at our byte is not what stood there. */
export class Truncated extends Error {}

/** One write and one sync of the spool for so much: 500 events of 1 KB. */
const CHUNK_BYTES = 512 * 1024;
const LINE_FEED = 0x0a;

/** An open file of lines that may still grow; it stays readable when it is renamed or removed. */
export class PlainLog {
  readonly file: string;
  /** Device and inode. */
  readonly identity: string;
  /** Undefined until the first line is whole; then the file is this one as long as it is not emptied. */
  head: LogHead;
  /** Behind the last line that was taken. */
  byte: number;
  readonly #handle: FileHandle;
  /** How far the line at `byte` was searched for its end. */
  #searchedTo = 0;

  /** @throws the system's error, also EISDIR and the like for what is no file */
  static async open(file: string): Promise<PlainLog> {
    const handle = await open(file, 'r');
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw Object.assign(new Error(`${file} is no regular file`), { code: 'EINVAL' });
      return new PlainLog(file, handle, `${stats.dev}:${stats.ino}`, await readHead(handle));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private constructor(file: string, handle: FileHandle, identity: string, head: LogHead) {
    this.file = file;
    this.#handle = handle;
    this.identity = identity;
    this.head = head;
    this.byte = 0;
  }

  /** The lines behind `byte`, as far as they are whole; `none` when there is no whole one yet. */
  async nextLines(): Promise<FoundLines | { readonly kind: 'none' | 'truncated' }> {
    const from = this.byte;
    const chunk = await this.#readAt(from, CHUNK_BYTES);
    // After the read: then what was read is of the same file.
    if (!(await this.#isSame())) return { kind: 'truncated' };
    this.head ??= await readHead(this.#handle);
    const lastLineFeed = chunk.lastIndexOf(LINE_FEED);
    if (lastLineFeed >= 0) {
      const lines = chunk.subarray(0, lastLineFeed + 1);
      return { kind: 'lines', read: () => once(lines), endByte: from + lines.length };
    }
    if (chunk.length === 0 && (await this.size()) < from) return { kind: 'truncated' };
    if (chunk.length < CHUNK_BYTES) return { kind: 'none' };
    const endByte = await this.#findLineEnd(from + CHUNK_BYTES);
    return endByte === undefined ? { kind: 'none' } : { kind: 'lines', read: () => this.#range(from, endByte), endByte };
  }

  /** What stands behind the last line feed, as a line: for a file that nobody will write to any more. */
  async lastLine(): Promise<FoundLines | { readonly kind: 'none' }> {
    const [from, endByte] = [this.byte, await this.size()];
    if (endByte <= from) return { kind: 'none' };
    return { kind: 'lines', read: () => withLineFeed(this.#range(from, endByte)), endByte };
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  /** The byte behind the last line that is there now. */
  async lastLineEnd(): Promise<number> {
    let end = await this.size();
    while (end > 0) {
      const from = Math.max(0, end - CHUNK_BYTES);
      const lineFeed = (await this.#readAt(from, end - from)).lastIndexOf(LINE_FEED);
      if (lineFeed >= 0) return from + lineFeed + 1;
      end = from;
    }
    return 0;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #isSame(): Promise<boolean> {
    return this.head === undefined || (await readHead(this.#handle)) === this.head;
  }

  async #findLineEnd(from: number): Promise<number | undefined> {
    for (let at = Math.max(from, this.#searchedTo); ; ) {
      const chunk = await this.#readAt(at, CHUNK_BYTES);
      const lineFeed = chunk.indexOf(LINE_FEED);
      if (lineFeed >= 0) return at + lineFeed + 1;
      at += chunk.length;
      this.#searchedTo = at;
      if (chunk.length < CHUNK_BYTES) return undefined;
    }
  }

  async *#range(from: number, end: number): AsyncGenerator<Buffer> {
    for (let at = from; at < end; ) {
      const chunk = await this.#readAt(at, Math.min(CHUNK_BYTES, end - at));
      if (chunk.length === 0 || !(await this.#isSame())) throw new Truncated(`${this.file} was emptied`);
      yield chunk;
      at += chunk.length;
    }
  }

  async #readAt(byte: number, bytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(bytes);
    let filled = 0;
    while (filled < bytes) {
      const { bytesRead } = await this.#handle.read(buffer, filled, bytes - filled, byte + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }
}

async function* once(lines: Buffer): AsyncGenerator<Buffer> {
  yield lines;
}

async function* withLineFeed(lines: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* lines;
  yield Buffer.from([LINE_FEED]);
}
