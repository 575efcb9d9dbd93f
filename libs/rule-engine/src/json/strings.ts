import type { ByteString } from '../byte-string.ts';

/** Strings as cJSON 1.7.15 reads and prints them. */

/**
 * Decodes what stands between the quotes. Undefined: cJSON refuses it (an unknown escape, a lone surrogate). Four digits that are
 * not hexadecimal count as 0000. A NUL ends the string, as everything behind it is out of C's sight.
 */
export function decodeString(json: ByteString, start: number, end: number): ByteString | undefined {
  let out = '';
  let from = start;
  for (let i = json.indexOf('\\', start); i >= 0 && i < end; i = json.indexOf('\\', from)) {
    out += json.slice(from, i);
    const letter = json.charAt(i + 1);
    if (letter === 'u') {
      const sequence = decodeUnicode(json, i, end);
      if (sequence === undefined) return undefined;
      out += sequence.bytes;
      from = sequence.end;
    } else {
      const byte = SIMPLE_ESCAPES[letter];
      if (byte === undefined) return undefined;
      out += byte;
      from = i + 2;
    }
  }
  out += json.slice(from, end);
  const nul = out.indexOf('\0');
  return nul >= 0 ? out.slice(0, nul) : out;
}

/** With quotes, as cJSON prints it: other bytes than these pass unchanged, UTF-8 or not. */
export function printString(value: ByteString): ByteString {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the bytes that cJSON escapes.
  return `"${/[\0-\x1f"\\]/.test(value) ? value.replace(/[\0-\x1f"\\]/g, printByte) : value}"`;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
};

const PRINTED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function printByte(byte: string): string {
  return PRINTED[byte] ?? `\\u${byte.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `\uXXXX`, or two of them for a code point above U+FFFF, as UTF-8. Source: cJSON.c, utf16_literal_to_utf8. */
function decodeUnicode(json: ByteString, at: number, end: number): { readonly bytes: ByteString; readonly end: number } | undefined {
  if (end - at < 6) return undefined;
  const first = parseHex4(json, at + 2);
  if (first >= 0xdc00 && first <= 0xdfff) return undefined;
  if (first < 0xd800 || first > 0xdbff) return { bytes: utf8Of(first), end: at + 6 };
  if (end - (at + 6) < 6 || json.charAt(at + 6) !== '\\' || json.charAt(at + 7) !== 'u') return undefined;
  const second = parseHex4(json, at + 8);
  if (second < 0xdc00 || second > 0xdfff) return undefined;
  return { bytes: utf8Of(0x10000 + (((first & 0x3ff) << 10) | (second & 0x3ff))), end: at + 12 };
}

function parseHex4(json: ByteString, at: number): number {
  const digits = json.slice(at, at + 4);
  return /^[0-9A-Fa-f]{4}$/.test(digits) ? Number.parseInt(digits, 16) : 0;
}

function utf8Of(code: number): ByteString {
  if (code < 0x80) return String.fromCharCode(code);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  return String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
}
