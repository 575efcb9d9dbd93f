/**
 * Bytes as text the way Go ranges over a string: each byte that is no part of a character becomes U+FFFD.
 * (TextDecoder makes one of a whole cut-off sequence.)
 */
export function decodeUtf8(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!text.includes('\ufffd')) return text;
  let decoded = '';
  for (let position = 0; position < bytes.length; ) {
    const length = characterLength(bytes, position);
    decoded += length === 0 ? '\ufffd' : Buffer.from(bytes.subarray(position, position + length)).toString('utf8');
    position += Math.max(length, 1);
  }
  return decoded;
}

/** Bytes of the well-formed character at `position`; 0 when there is none. */
function characterLength(bytes: Uint8Array, position: number): number {
  const first = bytes[position] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const second = bytes[position + 1] ?? 0;
  const [low, high] = SECOND_BYTE[first] ?? [0x80, 0xbf];
  if (length === 0 || second < low || second > high) return 0;
  for (let offset = 2; offset < length; offset++) if (((bytes[position + offset] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** First bytes after which not every second byte is allowed: no overlong form, no surrogate, nothing above U+10FFFF. */
const SECOND_BYTE: Readonly<Record<number, readonly [number, number]>> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
};
