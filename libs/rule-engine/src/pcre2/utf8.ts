import type { ByteString } from '../byte-string.ts';

/** Code points of UTF-8 bytes; undefined when they are not valid UTF-8 (RFC 3629: no surrogates, no overlong forms). */
export function decodeUtf8(bytes: ByteString): readonly number[] | undefined {
  const codes: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const first = bytes.charCodeAt(i++);
    if (first < 0x80) {
      codes.push(first);
      continue;
    }
    const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4) return undefined;
    let code = first & (0x3f >> more);
    for (let k = 0; k < more; k++) {
      const byte = bytes.charCodeAt(i++);
      if (!(byte >= 0x80 && byte <= 0xbf)) return undefined;
      code = (code << 6) | (byte & 0x3f);
    }
    if (code < (SMALLEST[more] ?? 0) || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return undefined;
    codes.push(code);
  }
  return codes;
}

export function encodeUtf8(code: number): readonly number[] {
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 0x3f)];
  if (code < 0x10000) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
}

/** Smallest code point that needs so many bytes after the first. */
const SMALLEST = [0, 0x80, 0x800, 0x10000];
