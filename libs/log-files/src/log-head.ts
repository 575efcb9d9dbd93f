/**
 * What a log file is known by, whatever it is called: its first line.
 *
 * A rename keeps an inode and a copy does not; an inode is used again for the next file, and a packed file is another file with
 * the same lines in it. The first line of an audit log holds an audit ID and two times in microseconds: no two files begin with
 * the same one unless one is a copy of the other, which is just what has to be known.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

/** Enough for the times and the ID of any event; a longer first line is known by its beginning. */
const MAX_HEAD_BYTES = 4_096;

/** Length and SHA-256 of the first line, line feed included. Undefined as long as there is no whole line. */
export type LogHead = string | undefined;

export async function readHead(handle: FileHandle): Promise<LogHead> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(MAX_HEAD_BYTES), 0, MAX_HEAD_BYTES, 0);
  return headOf(buffer.subarray(0, bytesRead));
}

/** Of a file that gzip packed; undefined for one that is not packed, or not whole yet. */
export async function readPackedHead(file: string): Promise<LogHead> {
  const stream = createReadStream(file);
  const unpacked = stream.pipe(createGunzip());
  stream.on('error', (error) => unpacked.destroy(error));
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_HEAD_BYTES || chunk.includes(LINE_FEED)) break;
    }
  } catch {
    // Half a packed file, which is being written, or none at all: it has no head yet.
  } finally {
    stream.destroy();
  }
  return headOf(Buffer.concat(chunks));
}

export function headOf(beginning: Buffer): LogHead {
  const lineFeed = beginning.indexOf(LINE_FEED);
  if (lineFeed < 0 && beginning.length < MAX_HEAD_BYTES) return undefined;
  const head = beginning.subarray(0, lineFeed < 0 ? MAX_HEAD_BYTES : Math.min(lineFeed + 1, MAX_HEAD_BYTES));
  return `${head.length}-${createHash('sha256').update(head).digest('hex')}`;
}

const LINE_FEED = 0x0a;
