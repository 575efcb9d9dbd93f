import { type ByteString, FOLD } from '../byte-string.ts';

/**
 * OSRegex patterns as `OSRegex_Compile` holds them (wazuh v4.14.7 src/os_regex/os_regex_compile.c): lower case, classes as a
 * backslash and a number, both parentheses as "(", split at top-level "|", with "^" and "$" taken off each part.
 */
export interface OsRegexPart {
  /**
   * Bytes, followed by zeros enough for every look ahead. Bytes above 0x7F are negative, as C's `char` on x86-64 makes them:
   * they equal no byte of the subject, so a pattern with non-ASCII text never matches.
   */
  readonly codes: Int16Array;
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

export type OsRegexProgram =
  | { readonly kind: 'program'; readonly parts: readonly OsRegexPart[] }
  | { readonly kind: 'invalid'; readonly message: string; readonly offset: number };

export const BACKSLASH = 0x5c;
export const PARENTHESIS = 0x28;
export const PLUS = 0x2b;
export const STAR = 0x2a;

/** Class number to its 256 bytes; 0 is no class. */
export const CLASS_BYTES: readonly Uint8Array[] = buildClasses();

/** Longest pattern, in bytes. Source: wazuh v4.14.7 src/os_regex/os_regex.h, OS_PATTERN_MAXSIZE; a field's text is cut off by the XML reader at the same length. */
const MAX_PATTERN_BYTES = 20_480;

export function compileOsRegexProgram(pattern: ByteString): OsRegexProgram {
  if (pattern.length > MAX_PATTERN_BYTES) return invalid('the pattern is longer than 20480 bytes', MAX_PATTERN_BYTES);
  const parts: OsRegexPart[] = [];
  let codes: number[] = [];
  let depth = 0;
  for (let i = 0; i < pattern.length; i++) {
    const byte = pattern.charCodeAt(i);
    if (byte === BACKSLASH) {
      const number = CLASS_LETTERS.indexOf(pattern.charAt(i + 1));
      if (i + 1 === pattern.length || number < 1) return invalid(`"\\${pattern.charAt(i + 1)}" is no OSRegex class`, i);
      codes.push(BACKSLASH, number);
      i++;
      continue;
    }
    if (byte === 0x28) depth++;
    if (byte === 0x29) depth--;
    if (depth !== 0 && depth !== 1) return invalid('OSRegex has one level of parentheses', i);
    if (byte === 0x7c) {
      if (depth !== 0) return invalid('"|" inside parentheses', i);
      parts.push(finishPart(codes));
      codes = [];
    } else codes.push(byte === 0x29 ? PARENTHESIS : ((FOLD[byte] ?? 0) << 24) >> 24);
  }
  if (depth !== 0) return invalid('a parenthesis is not closed', pattern.length);
  parts.push(finishPart(codes));
  return { kind: 'program', parts };
}

/** Position in this string is the class number; the space stands for 0. Source: os_regex_compile.c. */
const CLASS_LETTERS = ' dwsp()\\DWS.t$|<';

function finishPart(codes: readonly number[]): OsRegexPart {
  const fromStart = codes[0] === 0x5e;
  const rest = fromStart ? codes.slice(1) : codes;
  // `\$` is stored as a class number, so a last "$" is always the anchor.
  const toEnd = rest.at(-1) === 0x24;
  const body = toEnd ? rest.slice(0, -1) : rest;
  return { codes: Int16Array.from([...body, 0, 0, 0, 0]), fromStart, toEnd };
}

function invalid(message: string, offset: number): OsRegexProgram {
  return { kind: 'invalid', message, offset };
}

/** Source: wazuh v4.14.7 src/os_regex/os_regex_maps.c; the shared vectors hold the same tables, measured byte by byte. */
function buildClasses(): readonly Uint8Array[] {
  const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
  const isLetter = (byte: number): boolean => (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
  const isWord = (byte: number): boolean => isDigit(byte) || isLetter(byte) || byte === 45 || byte === 95 || byte === 64;
  const punctuation = '!"#$%&\'()*+,-.:;<=>?[]{|}';
  const only = (wanted: string) => (byte: number) => byte === wanted.charCodeAt(0);
  const tests: readonly ((byte: number) => boolean)[] = [
    () => false,
    isDigit,
    isWord,
    only(' '),
    (byte) => punctuation.includes(String.fromCharCode(byte)),
    only('('),
    only(')'),
    only('\\'),
    (byte) => byte !== 0 && !isDigit(byte),
    (byte) => byte !== 0 && !isWord(byte),
    (byte) => byte !== 0 && byte !== 32,
    (byte) => byte !== 0,
    only('\t'),
    only('$'),
    only('|'),
    only('<'),
  ];
  return tests.map((test) => Uint8Array.from({ length: 256 }, (_, byte) => (test(byte) ? 1 : 0)));
}
