/** How a YAML text is written; a byte order mark says so, without one it is UTF-8. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export function encodingOf(start: Uint8Array): { readonly encoding: Encoding; readonly markBytes: number } {
  if (start[0] === 0xff && start[1] === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (start[0] === 0xfe && start[1] === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  const marked = start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf;
  return { encoding: 'utf-8', markBytes: marked ? 3 : 0 };
}

export type RawCharacter =
  | { readonly kind: 'character'; readonly codePoint: number; readonly bytes: number }
  /** The rest of it lies in the next chunk. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'bad'; readonly problem: string };

/** One character at `position`, or go-yaml's word for what is wrong with it (readerc.go yaml_parser_update_buffer). */
export function decodeRaw(encoding: Encoding, raw: Uint8Array, position: number, ended: boolean): RawCharacter {
  const next = encoding === 'utf-8' ? decodeUtf8(raw, position, ended) : decodeUtf16(raw, position, ended, encoding === 'utf-16le');
  return next.kind === 'character' && !isAllowed(next.codePoint) ? bad('control characters are not allowed') : next;
}

function decodeUtf8(raw: Uint8Array, position: number, ended: boolean): RawCharacter {
  const first = raw[position] ?? 0;
  if (first < 0x80) return { kind: 'character', codePoint: first, bytes: 1 };
  const bytes = (first & 0xe0) === 0xc0 ? 2 : (first & 0xf0) === 0xe0 ? 3 : (first & 0xf8) === 0xf0 ? 4 : 0;
  if (bytes === 0) return bad('invalid leading UTF-8 octet');
  if (position + bytes > raw.length) return ended ? bad('incomplete UTF-8 octet sequence') : { kind: 'incomplete' };
  let codePoint = first & (0x7f >> bytes);
  for (let offset = 1; offset < bytes; offset++) {
    const octet = raw[position + offset] ?? 0;
    if ((octet & 0xc0) !== 0x80) return bad('invalid trailing UTF-8 octet');
    codePoint = (codePoint << 6) + (octet & 0x3f);
  }
  if (codePoint < (SMALLEST[bytes] ?? 0)) return bad('invalid length of a UTF-8 sequence');
  if ((codePoint >= 0xd800 && codePoint <= 0xdfff) || codePoint > 0x10ffff) return bad('invalid Unicode character');
  return { kind: 'character', codePoint, bytes };
}

function decodeUtf16(raw: Uint8Array, position: number, ended: boolean, littleEndian: boolean): RawCharacter {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (position + 2 > raw.length) return ended ? bad('incomplete UTF-16 character') : { kind: 'incomplete' };
  const unit = view.getUint16(position, littleEndian);
  if ((unit & 0xfc00) === 0xdc00) return bad('unexpected low surrogate area');
  if ((unit & 0xfc00) !== 0xd800) return { kind: 'character', codePoint: unit, bytes: 2 };
  if (position + 4 > raw.length) return ended ? bad('incomplete UTF-16 surrogate pair') : { kind: 'incomplete' };
  const low = view.getUint16(position + 2, littleEndian);
  if ((low & 0xfc00) !== 0xdc00) return bad('expected low surrogate area');
  return { kind: 'character', codePoint: 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff), bytes: 4 };
}

/** The smallest character that needs so many bytes of UTF-8. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000];

/** YAML 1.1's printable characters, the byte order mark included. */
function isAllowed(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint === 0x09 || codePoint === 0x0a || codePoint === 0x0d;
  if (codePoint <= 0x7e) return true;
  return codePoint === 0x85 || (codePoint >= 0xa0 && codePoint <= 0xfffd) || codePoint >= 0x10000;
}

function bad(problem: string): RawCharacter {
  return { kind: 'bad', problem };
}
