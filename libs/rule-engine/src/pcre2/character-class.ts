import { posixSet } from './character-types.ts';
import { type CodeSet, codeSetOf, complementOf, singleCode, unionOf } from './code-set.ts';
import { readEscape } from './escapes.ts';
import { isAtEnd, type PatternReader, peek, take, takeWhile } from './pattern-reader.ts';
import { invalid } from './pattern-refusal.ts';
import { closeOverCase } from './unicode-properties.ts';

/** `[…]`; the reader stands after the "[". */
export function readClass(reader: PatternReader): CodeSet {
  const negated = take(reader, '^');
  /** Single codes and ranges, which `(?i)` widens, and types such as `\d` or `[:alpha:]`, which it does not. */
  let codes: CodeSet = [];
  let types: CodeSet = [];
  /** The code that a following "-" may start a range from; null after a type, where "-" must be the last. */
  let rangeStart: number | null | undefined;
  let quoted = false;
  for (let isFirst = true; ; ) {
    if (isAtEnd(reader)) invalid('missing terminating ] for character class', reader.at);
    if (quoted && take(reader, '\\E')) {
      quoted = false;
      continue;
    }
    const item = quoted ? readPlain(reader) : readItem(reader, isFirst);
    if (item === 'end') break;
    if (item === 'quote') quoted = true;
    if (item === 'quote' || item === 'nothing') continue;
    isFirst = false;
    if (item === 'hyphen') {
      const end = readRangeEnd(reader, rangeStart);
      codes = unionOf(codes, end === undefined ? singleCode(0x2d) : codeSetOf([rangeStart ?? 0, end]));
      rangeStart = end === undefined ? 0x2d : undefined;
    } else if (item.code === undefined) {
      types = unionOf(types, item.set);
      rangeStart = null;
    } else {
      codes = unionOf(codes, item.set);
      rangeStart = item.code;
    }
  }
  const { caseless } = reader.options;
  const set = unionOf(types, caseless ? closeOverCase(codes, reader.utf || reader.ucp, reader.maxCode) : codes);
  return negated ? complementOf(set, reader.maxCode) : set;
}

interface ClassItem {
  readonly set: CodeSet;
  readonly code?: number;
}

function readItem(reader: PatternReader, isFirst: boolean): ClassItem | 'end' | 'quote' | 'nothing' | 'hyphen' {
  const next = peek(reader);
  if (next === ']' && !isFirst) {
    reader.at++;
    return 'end';
  }
  if (reader.options.extendedMore && (next === ' ' || next === '\t')) {
    reader.at++;
    return 'nothing';
  }
  if (next === '-' && !isFirst) {
    reader.at++;
    return 'hyphen';
  }
  if (next === '[') {
    const posix = readPosix(reader);
    if (posix !== undefined) return { set: posix };
  }
  if (next !== '\\') return readPlain(reader);
  reader.at++;
  const escaped = readEscape(reader, true);
  if (escaped.kind === 'quote') return 'quote';
  if (escaped.kind === 'quote-end') return 'nothing';
  if (escaped.kind === 'set') return { set: escaped.set };
  if (escaped.kind === 'code') return { set: singleCode(escaped.code), code: escaped.code };
  return invalid('escape sequence is invalid in character class', reader.at);
}

function readPlain(reader: PatternReader): ClassItem {
  const code = reader.units[reader.at++] ?? 0;
  return { set: singleCode(code), code };
}

/** What ends the range that a "-" starts; undefined: the "-" stands for itself. */
function readRangeEnd(reader: PatternReader, rangeStart: number | null | undefined): number | undefined {
  if (peek(reader) === ']' || isAtEnd(reader)) return undefined;
  if (rangeStart === undefined) return undefined;
  const start = reader.at;
  if (rangeStart === null) return invalid('invalid range in character class', start);
  if (take(reader, '\\Q')) {
    const code = readPlain(reader).code;
    if (!take(reader, '\\E')) invalid('missing terminating ] for character class', reader.units.length);
    return checkRange(rangeStart, code ?? 0, reader);
  }
  take(reader, '\\E');
  let item = readItem(reader, true);
  while (item === 'nothing') item = readItem(reader, true);
  if (typeof item === 'string' || item.code === undefined) return invalid('invalid range in character class', start);
  return checkRange(rangeStart, item.code, reader);
}

function checkRange(first: number, last: number, reader: PatternReader): number {
  if (last < first) invalid('range out of order in character class', reader.at - 1);
  return last;
}

/** `[:name:]`, `[:^name:]`; undefined when the "[" stands for itself. */
function readPosix(reader: PatternReader): CodeSet | undefined {
  const mark = peek(reader, 1);
  if (mark !== ':' && mark !== '.' && mark !== '=') return undefined;
  if (!closesPosix(reader, mark)) return undefined;
  const start = reader.at;
  if (mark !== ':') invalid('POSIX collating elements are not supported', start);
  reader.at += 2;
  const negated = take(reader, '^');
  const name = takeWhile(reader, (character) => /^[a-z]$/.test(character));
  if (!take(reader, ':]')) invalid('unknown POSIX class name', start);
  // Without case `[:lower:]` and `[:upper:]` are all letters.
  const { caseless } = reader.options;
  const set = posixSet(caseless && (name === 'lower' || name === 'upper') ? 'alpha' : name, reader);
  if (set === undefined) return invalid('unknown POSIX class name', start);
  return negated ? complementOf(set, reader.maxCode) : set;
}

/** Source: pcre2_compile.c, check_posix_syntax: the terminator must come before a "]" or an escape of one. */
export function closesPosix(reader: PatternReader, mark: string): boolean {
  for (let i = reader.at + 2; i + 1 < reader.units.length; i++) {
    const unit = String.fromCodePoint(reader.units[i] ?? 0);
    const following = String.fromCodePoint(reader.units[i + 1] ?? 0);
    if (unit === '\\' && (following === ']' || following === '\\')) i++;
    else if ((unit === '[' && following === mark) || unit === ']') return false;
    else if (unit === mark && following === ']') return true;
  }
  return false;
}
