import { errorCode, type SpoolFile } from './file-system.ts';
import {
  FRAME_HEADER_BYTES,
  INVALID,
  indexInWriteAt,
  measureFrame,
  positionAt,
  type SpoolIdentity,
  writtenAtMsAt,
  ZEROS,
} from './format.ts';

export interface FoundFrame {
  readonly kind: 'frame';
  /** Where it begins and ends in the file. */
  readonly offset: number;
  readonly endOffset: number;
  readonly position: number;
  readonly atMs: number;
  readonly indexInWrite: number;
  /** A slice of a buffer that is never written again: it may be kept, and keeps up to a chunk alive. */
  readonly payload: Buffer;
}

/** Bytes in which no frame was found: the zeros of preallocation, a torn write, or damage. */
export interface FoundGap {
  readonly kind: 'gap';
  readonly offset: number;
  readonly endOffset: number;
  readonly isZero: boolean;
}

export type Found = FoundFrame | FoundGap;

/** Large enough that the call costs nothing a record (about 750 records of 1.3 KB), small enough to keep alive. */
const CHUNK_BYTES = 1 << 20;

/**
 * Reads a file's bytes from `from` to `to` as frames, in order. Where no frame stands the search goes on at the next
 * marker, so that one damaged record costs itself alone. Gaps and frames together cover the range without a hole.
 */
export async function* scanFrames(
  file: SpoolFile,
  identity: SpoolIdentity,
  from: number,
  to: number,
  chunkBytes: number = CHUNK_BYTES,
): AsyncGenerator<readonly Found[]> {
  const marker = Buffer.alloc(4);
  marker.writeUInt32LE(identity.marker);
  let chunk = await readChunk(file, from, Math.min(chunkBytes, to - from));
  let chunkOffset = from;
  let at = 0;
  let gap: { offset: number; isZero: boolean } | undefined;
  let found: Found[] = [];
  const skipTo = (next: number): void => {
    gap ??= { offset: chunkOffset + at, isZero: true };
    gap.isZero &&= isZero(chunk, at, next);
    at = next;
  };

  while (chunkOffset + at < to) {
    const measured = measureFrame(chunk, at, to - chunkOffset - at, identity);
    if (measured > 0) {
      const offset = chunkOffset + at;
      if (gap !== undefined) found.push({ kind: 'gap', ...gap, endOffset: offset });
      gap = undefined;
      found.push({
        kind: 'frame',
        offset,
        endOffset: offset + measured,
        position: positionAt(chunk, at),
        atMs: writtenAtMsAt(chunk, at),
        indexInWrite: indexInWriteAt(chunk, at),
        payload: chunk.subarray(at + FRAME_HEADER_BYTES, at + measured),
      });
      at += measured;
      continue;
    }
    if (measured === ZEROS || measured === INVALID) {
      const next = chunk.indexOf(marker, at + 1);
      if (next >= 0) {
        skipTo(next);
        continue;
      }
      // A marker may begin in the chunk's last three bytes.
      skipTo(Math.max(at + 1, chunkOffset + chunk.byteLength >= to ? chunk.byteLength : chunk.byteLength - 3));
      if (chunkOffset + at >= to) break;
    }
    if (found.length > 0) yield found;
    found = [];
    const neededBytes = measured < INVALID ? -measured : 0;
    const offset = chunkOffset + at;
    chunk = await readChunk(file, offset, Math.min(Math.max(chunkBytes, neededBytes), to - offset));
    chunkOffset = offset;
    at = 0;
  }
  if (gap !== undefined) found.push({ kind: 'gap', ...gap, endOffset: to });
  if (found.length > 0) yield found;
}

/** A file that is shorter than was asked for reads as zeros from its end: the records that stood there are missed below. */
async function readChunk(file: SpoolFile, offset: number, length: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(length);
  const count = await readSparing(file, chunk, offset);
  return chunk.fill(0, count);
}

const PAGE_BYTES = 4096;

/** Reads as `SpoolFile.read`, but a page that the disk cannot read any more counts as zeros: its neighbours can. */
export async function readSparing(file: SpoolFile, target: Buffer, offset: number): Promise<number> {
  try {
    return await file.read(target, offset);
  } catch (error) {
    if (errorCode(error) !== 'EIO') throw error;
  }
  target.fill(0);
  for (let at = 0; at < target.byteLength; ) {
    const pageEnd = Math.min(target.byteLength, at + PAGE_BYTES - ((offset + at) % PAGE_BYTES));
    try {
      const count = await file.read(target.subarray(at, pageEnd), offset + at);
      if (count < pageEnd - at) return at + count;
    } catch (error) {
      if (errorCode(error) !== 'EIO') throw error;
    }
    at = pageEnd;
  }
  return target.byteLength;
}

/** Where the last byte that is not zero ends, or `from`. */
export async function endOfContent(file: SpoolFile, from: number, to: number): Promise<number> {
  let end = from;
  for (let at = from; at < to; at += CHUNK_BYTES) {
    const piece = await readChunk(file, at, Math.min(CHUNK_BYTES, to - at));
    if (isZero(piece, 0, piece.byteLength)) continue;
    let length = piece.byteLength;
    while (piece[length - 1] === 0) length--;
    end = at + length;
  }
  return end;
}

const ZERO_BYTES = Buffer.alloc(CHUNK_BYTES);

function isZero(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += ZERO_BYTES.byteLength) {
    const end = Math.min(to, at + ZERO_BYTES.byteLength);
    if (bytes.compare(ZERO_BYTES, 0, end - at, at, end) !== 0) return false;
  }
  return true;
}
