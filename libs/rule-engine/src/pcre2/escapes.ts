import { typeSet } from './character-types.ts';
import type { CodeSet } from './code-set.ts';
import { complementOf, singleCode } from './code-set.ts';
import { isDigit, isHexDigit, noteUnsupported, type PatternReader, peek, readName, take, takeWhile } from './pattern-reader.ts';
import { invalid } from './pattern-refusal.ts';
import type { Assertion } from './syntax-tree.ts';
import { propertySet } from './unicode-properties.ts';

/** What a backslash and what follows it mean. */
export type Escape =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'set'; readonly set: CodeSet }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'backreference'; readonly group: number | string }
  | { readonly kind: 'subroutine' }
  | { readonly kind: 'any-newline' }
  | { readonly kind: 'not-newline' }
  | { readonly kind: 'start-of-match' }
  | { readonly kind: 'quote' }
  | { readonly kind: 'quote-end' }
  | { readonly kind: 'grapheme' }
  | { readonly kind: 'one-unit' };

/** The reader stands after the backslash. */
export function readEscape(reader: PatternReader, inClass: boolean): Escape {
  const start = reader.at;
  const letter = peek(reader);
  if (letter === '') invalid('\\ at end of pattern', start);
  reader.at++;
  if (isDigit(letter)) return readNumber(reader, letter, inClass);
  if (!/^[A-Za-z]$/.test(letter)) return { kind: 'code', code: letter.codePointAt(0) ?? 0 };

  const control = CONTROL_CODES.get(letter);
  if (control !== undefined) return { kind: 'code', code: control };
  if ('dDwWsShHvV'.includes(letter)) return { kind: 'set', set: typeSet(letter, reader) };
  const assertion = ASSERTIONS.get(letter);
  if (assertion !== undefined) {
    if (!inClass) return { kind: 'assertion', assertion };
    if (letter === 'b') return { kind: 'code', code: 8 };
    return invalid('escape sequence is invalid in character class', reader.at);
  }
  switch (letter) {
    case 'x':
      return { kind: 'code', code: readHex(reader) };
    case 'o':
      if (!take(reader, '{')) invalid('missing opening brace after \\o', reader.at);
      return { kind: 'code', code: readBraced(reader, 8, 'non-octal character in \\o{} (closing brace missing?)') };
    case 'c':
      return { kind: 'code', code: readControl(reader) };
    case 'p':
    case 'P':
      return { kind: 'set', set: readProperty(reader, letter === 'P') };
    case 'Q':
      return { kind: 'quote' };
    case 'E':
      return { kind: 'quote-end' };
    case 'N':
      return readNotNewline(reader, inClass);
    case 'R':
    case 'X':
      if (inClass) invalid('escape sequence is invalid in character class', reader.at);
      return letter === 'R' ? { kind: 'any-newline' } : { kind: 'grapheme' };
    case 'C':
      if (inClass) invalid('escape sequence is invalid in character class', reader.at);
      return { kind: 'one-unit' };
    case 'K':
      if (inClass) invalid('escape sequence is invalid in character class', reader.at);
      return { kind: 'start-of-match' };
    case 'g':
      if (inClass) invalid('escape sequence is invalid in character class', reader.at);
      return readGroupReference(reader);
    case 'k':
      if (inClass) invalid('escape sequence is invalid in character class', reader.at);
      return { kind: 'backreference', group: readDelimitedName(reader) };
    case 'l':
    case 'L':
    case 'u':
    case 'U':
    case 'F':
      return invalid('PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u', reader.at);
    default:
      return invalid('unrecognized character follows \\', start);
  }
}

const CONTROL_CODES: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['e', 27],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
]);

const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ['b', 'word-boundary'],
  ['B', 'no-word-boundary'],
  ['A', 'subject-start'],
  // Every search starts at offset 0, so "where the search started" is the start.
  ['G', 'subject-start'],
  ['Z', 'last-line-end'],
  ['z', 'subject-end'],
]);

/** `\1`, `\12`, `\012`: a backreference, or up to three octal digits. */
function readNumber(reader: PatternReader, first: string, inClass: boolean): Escape {
  const start = reader.at;
  if (first !== '0' && !inClass) {
    const digits = first + takeWhile(reader, isDigit);
    const group = Number(digits);
    // Source: pcre2_compile.c, _pcre2_check_escape: below 10, or 8 and 9 in front, or as many groups so far.
    if (digits.length < 2 || first >= '8' || group <= reader.groups) {
      if (group > 65_535) invalid('number is too big', reader.at);
      return { kind: 'backreference', group };
    }
    reader.at = start;
  }
  if (first >= '8') return { kind: 'code', code: first.charCodeAt(0) };
  let code = Number(first);
  for (let more = 0; more < 2 && peek(reader) >= '0' && peek(reader) <= '7'; more++) {
    code = code * 8 + Number(peek(reader));
    reader.at++;
  }
  if (!reader.utf && code > 255) invalid('octal value is greater than \\377 in 8-bit non-UTF-8 mode', reader.at);
  return { kind: 'code', code };
}

function readHex(reader: PatternReader): number {
  if (take(reader, '{')) return readBraced(reader, 16, 'non-hex character in \\x{} (closing brace missing?)');
  let code = 0;
  for (let more = 0; more < 2 && isHexDigit(peek(reader)); more++) {
    code = code * 16 + Number.parseInt(peek(reader), 16);
    reader.at++;
  }
  return code;
}

function readBraced(reader: PatternReader, base: 8 | 16, message: string): number {
  const digits = takeWhile(reader, base === 16 ? isHexDigit : (character) => character >= '0' && character <= '7');
  if (digits === '' && peek(reader) === '}') invalid('digits missing in \\x{} or \\o{} or \\N{U+}', reader.at);
  const code = Number.parseInt(digits === '' ? '0' : digits, base);
  if (code > reader.maxCode) invalid('character code point value in \\x{} or \\o{} is too large', reader.at);
  if (reader.utf && code >= 0xd800 && code <= 0xdfff) invalid('disallowed Unicode code point (>= 0xd800 && <= 0xdfff)', reader.at);
  if (!take(reader, '}')) invalid(message, reader.at);
  return code;
}

function readControl(reader: PatternReader): number {
  const letter = peek(reader);
  if (letter === '') invalid('\\c at end of pattern', reader.at);
  if (letter < ' ' || letter > '~') invalid('\\c must be followed by a printable ASCII character', reader.at);
  reader.at++;
  return letter.toUpperCase().charCodeAt(0) ^ 0x40;
}

function readProperty(reader: PatternReader, outerNegated: boolean): CodeSet {
  let negated = outerNegated;
  let name = peek(reader);
  if (name === '') invalid('malformed \\P or \\p sequence', reader.at);
  reader.at++;
  if (name === '{') {
    if (take(reader, '^')) negated = !negated;
    name = takeWhile(reader, (character) => character !== '}');
    if (!take(reader, '}')) invalid('malformed \\P or \\p sequence', reader.at);
  } else if (!/^[A-Za-z]$/.test(name)) invalid('malformed \\P or \\p sequence', reader.at);
  const result = propertySet(name, reader.maxCode);
  if (result.kind === 'unknown') invalid('unknown property after \\P or \\p', reader.at);
  if (result.kind === 'unsupported') {
    noteUnsupported(reader, `\\p{${name}}`);
    return singleCode(0);
  }
  return negated ? complementOf(result.set, reader.maxCode) : result.set;
}

/** `\N`; `\N{U+…}` only with Unicode. A quantifier may follow `\N`: `\N{3}`. */
function readNotNewline(reader: PatternReader, inClass: boolean): Escape {
  const start = reader.at;
  if (
    peek(reader) === '{' &&
    !/^\{\d+(,\d*)?\}/.test(
      reader.units
        .slice(reader.at, reader.at + 16)
        .map((unit) => String.fromCodePoint(unit))
        .join(''),
    )
  ) {
    if (!take(reader, '{U+')) invalid('PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u', reader.at);
    if (!reader.utf) invalid('\\N{U+dddd} is supported only in Unicode (UTF) mode', start);
    return { kind: 'code', code: readBraced(reader, 16, 'non-hex character in \\x{} (closing brace missing?)') };
  }
  if (inClass) invalid('\\N is not supported in a class', reader.at);
  return { kind: 'not-newline' };
}

/** After `\g`: a number or name in braces is a backreference, in angle brackets or quotes a subroutine call. */
function readGroupReference(reader: PatternReader): Escape {
  const start = reader.at;
  const opening = peek(reader);
  if (opening === '<' || opening === "'") {
    reader.at++;
    const terminator = opening === '<' ? '>' : "'";
    const number = readSignedNumber(reader);
    if (number !== undefined) {
      if (!take(reader, terminator))
        invalid('\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number', reader.at);
      if (number !== 0) reader.references.push({ group: number, offset: start });
    } else reader.references.push({ group: readName(reader, terminator), offset: start });
    noteUnsupported(reader, 'subroutine call \\g');
    return { kind: 'subroutine' };
  }
  const braced = take(reader, '{');
  const number = readSignedNumber(reader);
  if (number === undefined) {
    if (!braced) return invalid('\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number', reader.at);
    return { kind: 'backreference', group: readName(reader, '}') };
  }
  if (braced && !take(reader, '}'))
    invalid('\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number', reader.at);
  if (number <= 0) invalid('reference to non-existent subpattern', reader.at);
  return { kind: 'backreference', group: number };
}

/** `12`, `-1` (the last group opened), `+1` (the next one): an absolute group number. Undefined: no number here. */
export function readSignedNumber(reader: PatternReader): number | undefined {
  const start = reader.at;
  const sign = peek(reader) === '-' || peek(reader) === '+' ? peek(reader) : '';
  reader.at += sign.length;
  const digits = takeWhile(reader, isDigit);
  if (digits === '') {
    reader.at = start;
    return undefined;
  }
  const number = Number(digits);
  if (number > 65_535) invalid('number is too big', reader.at);
  if (sign === '') return number;
  if (number === 0) invalid('a relative value of zero is not allowed', reader.at);
  const absolute = sign === '-' ? reader.groups + 1 - number : reader.groups + number;
  if (absolute <= 0) invalid('reference to non-existent subpattern', reader.at);
  return absolute;
}

function readDelimitedName(reader: PatternReader): string {
  const terminators: ReadonlyMap<string, string> = new Map([
    ['{', '}'],
    ['<', '>'],
    ["'", "'"],
  ]);
  const terminator = terminators.get(peek(reader));
  if (terminator === undefined) return invalid('\\k is not followed by a braced, angle-bracketed, or quoted name', reader.at);
  reader.at++;
  return readName(reader, terminator);
}
