import { type DedupeEntry, KEY_BYTES } from './dedupe-window.ts';
import { readUint64, writeUint64 } from './format.ts';

/** At most so many bytes of note: what a caller wants to find again beside the cursor, the identity of a socket's reader say. */
export const MAX_NOTE_BYTES = 256;
/** A fraction of the smallest cursor file, so that an entry always fits a fresh one. */
export const MAX_ENTRY_KEYS = 4_096;

/**
 * One entry of the cursor journal. The cursor itself is the position in the frame around it.
 *
 *     0  8  the last position that was acknowledged when this was written
 *     8  2  length of the note, 0xFFFF: the note is as before
 *    10  2  zero
 *    12  4  number of keys
 *    16  …  the note, then each key: 16 bytes, then 8 bytes position of the record that was first with it
 */
export interface CursorEntry {
  readonly appendedUpTo: number;
  /** Absent: as before. */
  readonly note?: Uint8Array | undefined;
  readonly keys: readonly DedupeEntry[];
}

const FIXED_BYTES = 16;
const SAME_NOTE = 0xffff;
const KEY_ENTRY_BYTES = KEY_BYTES + 8;

export function encodeCursorEntry({ appendedUpTo, note, keys }: CursorEntry): Buffer {
  const noteBytes = note?.byteLength ?? 0;
  const bytes = Buffer.alloc(FIXED_BYTES + noteBytes + keys.length * KEY_ENTRY_BYTES);
  writeUint64(bytes, appendedUpTo, 0);
  bytes.writeUInt16LE(note === undefined ? SAME_NOTE : noteBytes, 8);
  bytes.writeUInt32LE(keys.length, 12);
  if (note !== undefined) bytes.set(note, FIXED_BYTES);
  let at = FIXED_BYTES + noteBytes;
  for (const { key, position } of keys) {
    bytes.set(key, at);
    writeUint64(bytes, position, at + KEY_BYTES);
    at += KEY_ENTRY_BYTES;
  }
  return bytes;
}

/** `undefined`: the frame is intact, but what it holds is none of ours. Keys are slices. */
export function parseCursorEntry(bytes: Buffer): CursorEntry | undefined {
  if (bytes.byteLength < FIXED_BYTES) return undefined;
  const noteLength = bytes.readUInt16LE(8);
  const keyCount = bytes.readUInt32LE(12);
  const keysAt = FIXED_BYTES + (noteLength === SAME_NOTE ? 0 : noteLength);
  if (keysAt + keyCount * KEY_ENTRY_BYTES !== bytes.byteLength) return undefined;
  const keys = Array.from({ length: keyCount }, (_, index) => {
    const at = keysAt + index * KEY_ENTRY_BYTES;
    return { key: bytes.subarray(at, at + KEY_BYTES), position: readUint64(bytes, at + KEY_BYTES) };
  });
  return { appendedUpTo: readUint64(bytes, 0), note: noteLength === SAME_NOTE ? undefined : bytes.subarray(FIXED_BYTES, keysAt), keys };
}
