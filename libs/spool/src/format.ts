/**
 * What stands in the spool's files, byte for byte. Version 1; every number is little-endian.
 *
 *     file     header at 0, zeros up to 4,096, then frames until the file's end or the zeros of preallocation
 *
 *     header   0  8  magic "K8SAUDIT"
 *              8  4  kind: "SEGM" records, "CURS" cursor journal
 *             12  4  version
 *             16  8  ordinal: the number in the file's name
 *             24  4  marker   } the spool's identity, drawn once at random:
 *             28  4  seed     } the same in every file of one spool
 *             32  8  created at, ms since 1970
 *             40 20  zero
 *             60  4  CRC-32 of bytes 0 to 59
 *
 *     frame    0  4  marker
 *              4  4  CRC-32, started from the seed, of bytes 8 to the frame's end
 *              8  4  payload length
 *             12  4  how many frames of the same write stand before this one; 0xFFFFFFFF: a void frame
 *             16  8  position: SEGM the record's number, from 1, without holes; CURS the cursor
 *             24  8  written at, ms since 1970
 *             32  …  payload
 *
 *     A void frame covers bytes that a torn write left without a record: recovery puts it there, in front of frames of the
 *     same write that did arrive. Its position is the first that never came to be, and its time the number of them.
 *
 * The magic, the version and the header's own CRC keep their places in every version to come: so an old program knows
 * a newer file from a damaged one.
 *
 * What each part tells apart:
 * - zeros of preallocation: a frame header of 32 zero bytes; a marker is never zero.
 * - a torn write, a flipped bit: the CRC. A later frame that counts fewer frames before it than positions are missing
 *   proves that the missing ones had been synced: damage, not tearing.
 * - another spool's file, or a file under another's name: identity and ordinal.
 * - bytes inside a record that imitate a frame (a client chooses much of an event's content): marker and seed are
 *   64 random bits that no client ever sees, so a search for the next good frame finds none of its making.
 *
 * CRC-32 (zlib) and not CRC-32C: Node has the first built in, in native code with SIMD (0.4 µs for a 1.3 KB record);
 * CRC-32C would be a dependency or ten times slower in JavaScript. For frames of up to some hundred KB their strength
 * is alike: every burst of up to 32 bits is found, other damage with 1 − 2⁻³².
 */
import { crc32 } from 'node:zlib';

export const FORMAT_VERSION = 1;
/** A page of its own: a torn write of the first frame cannot reach the header. */
export const FIRST_FRAME_OFFSET = 4096;
export const HEADER_BYTES = 64;
export const FRAME_HEADER_BYTES = 32;

export type LogKind = 'SEGM' | 'CURS';

/** Drawn once for a spool. Not a secret that protects against readers of the disk, only against writers of events. */
export interface SpoolIdentity {
  /** Never 0. */
  readonly marker: number;
  readonly seed: number;
}

export interface FileHeader {
  readonly kind: LogKind;
  readonly ordinal: number;
  readonly identity: SpoolIdentity;
  readonly createdAtMs: number;
}

export function encodeHeader(header: FileHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.write(header.kind, 8, 'latin1');
  bytes.writeUInt32LE(FORMAT_VERSION, 12);
  writeUint64(bytes, header.ordinal, 16);
  bytes.writeUInt32LE(header.identity.marker, 24);
  bytes.writeUInt32LE(header.identity.seed, 28);
  writeUint64(bytes, header.createdAtMs, 32);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
  return bytes;
}

/** `newer`: intact, and written by a version that this program does not know. `damaged`: anything that is no header. */
export type ParsedHeader =
  | ({ readonly kind: 'intact' } & { readonly header: FileHeader })
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'damaged' };

export function parseHeader(bytes: Buffer): ParsedHeader {
  if (bytes.byteLength < HEADER_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) return { kind: 'damaged' };
  if (crc32(bytes.subarray(0, HEADER_BYTES - 4)) !== bytes.readUInt32LE(HEADER_BYTES - 4)) return { kind: 'damaged' };
  const version = bytes.readUInt32LE(12);
  if (version > FORMAT_VERSION) return { kind: 'newer', version };
  const kind = bytes.toString('latin1', 8, 12);
  if (version === 0 || (kind !== 'SEGM' && kind !== 'CURS')) return { kind: 'damaged' };
  return {
    kind: 'intact',
    header: {
      kind,
      ordinal: readUint64(bytes, 16),
      identity: { marker: bytes.readUInt32LE(24), seed: bytes.readUInt32LE(28) },
      createdAtMs: readUint64(bytes, 32),
    },
  };
}

/** What a frame says beside its payload. */
export interface FrameHeading {
  readonly position: number;
  readonly atMs: number;
  /** How many frames of the same write stand before it. */
  readonly indexInWrite: number;
}

const NO_HEAD = new Uint8Array(0);

/**
 * Writes one frame at `offset` of `target`, where it must fit; returns the offset after it. Its payload is `head` and `payload`, back to
 * back: what many records begin with is not copied into each of them first.
 */
export function encodeFrame(
  target: Buffer,
  offset: number,
  identity: SpoolIdentity,
  heading: FrameHeading,
  payload: Uint8Array,
  head: Uint8Array = NO_HEAD,
): number {
  const payloadBytes = head.byteLength + payload.byteLength;
  const end = offset + FRAME_HEADER_BYTES + payloadBytes;
  target.writeUInt32LE(identity.marker, offset);
  target.writeUInt32LE(payloadBytes, offset + 8);
  target.writeUInt32LE(heading.indexInWrite, offset + 12);
  writeUint64(target, heading.position, offset + 16);
  writeUint64(target, heading.atMs, offset + 24);
  target.set(head, offset + FRAME_HEADER_BYTES);
  target.set(payload, end - payload.byteLength);
  target.writeUInt32LE(crc32(target.subarray(offset + 8, end), identity.seed), offset + 4);
  return end;
}

/** `indexInWrite` of a void frame. */
export const VOID = 0xffff_ffff;

/** Answers of `measureFrame` that are no length. */
export const ZEROS = 0;
export const INVALID = -1;

/**
 * What stands at `offset`: the whole length of an intact frame; `ZEROS`; `INVALID`; or, where `bytes` end too early to
 * tell, minus the number of bytes from `offset` that are needed. A number and no object: this runs once a record.
 *
 * @param limitBytes how far a frame may reach at most, from `offset`: to the end of the file
 */
export function measureFrame(bytes: Buffer, offset: number, limitBytes: number, identity: SpoolIdentity): number {
  const available = bytes.byteLength - offset;
  if (limitBytes < FRAME_HEADER_BYTES) return isZero(bytes, offset, Math.min(available, limitBytes)) ? ZEROS : INVALID;
  if (available < FRAME_HEADER_BYTES) return -FRAME_HEADER_BYTES;
  if (bytes.readUInt32LE(offset) !== identity.marker) return isZero(bytes, offset, FRAME_HEADER_BYTES) ? ZEROS : INVALID;
  const totalBytes = frameBytesAt(bytes, offset);
  if (totalBytes > limitBytes) return INVALID;
  if (totalBytes > available) return -totalBytes;
  return crc32(bytes.subarray(offset + 8, offset + totalBytes), identity.seed) === bytes.readUInt32LE(offset + 4) ? totalBytes : INVALID;
}

/** Parts of a frame that is known to be intact. */
export const frameBytesAt = (bytes: Buffer, offset: number): number => FRAME_HEADER_BYTES + bytes.readUInt32LE(offset + 8);
export const indexInWriteAt = (bytes: Buffer, offset: number): number => bytes.readUInt32LE(offset + 12);
export const positionAt = (bytes: Buffer, offset: number): number => readUint64(bytes, offset + 16);
export const writtenAtMsAt = (bytes: Buffer, offset: number): number => readUint64(bytes, offset + 24);

const MAGIC = 'K8SAUDIT';

function isZero(bytes: Buffer, offset: number, length: number): boolean {
  for (let i = offset; i < offset + length; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Numbers up to 2⁵³ in eight bytes, without the cost of a BigInt. */
export function writeUint64(target: Buffer, value: number, offset: number): void {
  target.writeUInt32LE(value % 0x1_0000_0000, offset);
  target.writeUInt32LE(Math.floor(value / 0x1_0000_0000), offset + 4);
}

export function readUint64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 0x1_0000_0000;
}
