/**
 * wazuh-analysisd works on bytes, with no notion of characters. Here bytes are held in strings of which every unit is one byte
 * (0..255): V8 keeps such strings in one byte a unit, slices them without copying, compares and hashes them natively.
 *
 * A `ByteString` must never be printed as it is: `textOf` decodes it as UTF-8 first.
 */
export type ByteString = string;

/** The UTF-8 bytes of a text. */
export function bytesOf(text: string): ByteString {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: ByteString): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

export function byteStringOf(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** ASCII letters to lower case, every other byte as it is: C's `tolower` in the locale "C", OSRegex's `charmap`. */
export const FOLD: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

/** `strcasecmp` in the locale "C". */
export function equalsCaseless(left: ByteString, right: ByteString): boolean {
  return left.length === right.length && (left === right || regionEqualsCaseless(left, 0, right));
}

/** Does `needle` stand at `offset` of `haystack`, ASCII letters compared without case? */
export function regionEqualsCaseless(haystack: ByteString, offset: number, needle: ByteString): boolean {
  if (offset < 0 || offset + needle.length > haystack.length) return false;
  for (let i = 0; i < needle.length; i++) {
    if (FOLD[haystack.charCodeAt(offset + i)] !== FOLD[needle.charCodeAt(i)]) return false;
  }
  return true;
}

export function foldCase(bytes: ByteString): ByteString {
  // toLowerCase would also fold the bytes above 0x7F as if they were Latin-1 letters.
  return /[A-Z]/.test(bytes) ? bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : bytes;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
