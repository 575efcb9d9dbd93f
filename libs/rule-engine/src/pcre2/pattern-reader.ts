import { invalid } from './pattern-refusal.ts';
import type { Node } from './syntax-tree.ts';

/** Options that `(?…)` switches, with PCRE2's letters. */
export interface PatternOptions {
  readonly caseless: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
  /** `xx`: spaces inside classes do not count either. */
  readonly extendedMore: boolean;
  readonly noAutoCapture: boolean;
  readonly duplicateNames: boolean;
  readonly ungreedy: boolean;
}

/** The pattern under way: where the parser stands, and what it has seen. */
export interface PatternReader {
  /** Bytes; code points after `(*UTF)`. */
  readonly units: readonly number[];
  at: number;
  options: PatternOptions;
  utf: boolean;
  ucp: boolean;
  maxCode: number;
  /** Groups opened so far; inside `(?|` they are counted anew for each branch. */
  groups: number;
  /** The most groups of any branch. */
  highestGroup: number;
  readonly names: Map<string, number[]>;
  readonly namesByGroup: Map<number, string>;
  /** Bodies by group, for the length of a backreference inside a lookbehind. */
  readonly groupBodies: Map<number, Node>;
  /** References to groups that may be defined later. */
  readonly references: { readonly group: number | string; readonly offset: number }[];
  depth: number;
  lookDepth: number;
  /** The first thing that PCRE2 takes and this engine does not. */
  unsupported: { readonly construct: string; readonly offset: number } | undefined;
  /** The grammar's own recursion, held here so that groups need not import what imports them. */
  readonly parseBranches: (reader: PatternReader, resetGroups?: boolean) => readonly Node[];
}

export const DEFAULT_OPTIONS: PatternOptions = {
  caseless: false,
  multiline: false,
  dotAll: false,
  extended: false,
  extendedMore: false,
  noAutoCapture: false,
  duplicateNames: false,
  ungreedy: false,
};

export function isAtEnd(reader: PatternReader): boolean {
  return reader.at >= reader.units.length;
}

/** The unit `ahead` of the present one as a character, '' after the end. */
export function peek(reader: PatternReader, ahead = 0): string {
  const unit = reader.units[reader.at + ahead];
  return unit === undefined ? '' : String.fromCodePoint(unit);
}

/** Steps over `text` if it comes next. */
export function take(reader: PatternReader, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (reader.units[reader.at + i] !== text.charCodeAt(i)) return false;
  reader.at += text.length;
  return true;
}

export function takeWhile(reader: PatternReader, test: (character: string) => boolean): string {
  let taken = '';
  for (let next = peek(reader); next !== '' && test(next); next = peek(reader)) {
    taken += next;
    reader.at++;
  }
  return taken;
}

export function noteUnsupported(reader: PatternReader, construct: string): void {
  reader.unsupported ??= { construct, offset: reader.at };
}

export function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

export function isHexDigit(character: string): boolean {
  return /^[0-9A-Fa-f]$/.test(character);
}

export function isNameCharacter(character: string): boolean {
  return /^[A-Za-z0-9_]$/.test(character);
}

/** A group's name up to `terminator`, which is stepped over. */
export function readName(reader: PatternReader, terminator: string): string {
  if (isDigit(peek(reader))) invalid('subpattern name must start with a non-digit', reader.at);
  const name = takeWhile(reader, isNameCharacter);
  // 32: PCRE2's MAX_NAME_SIZE.
  if (name.length > 32) invalid('subpattern name is too long (maximum 32 code units)', reader.at);
  if (name === '') invalid('subpattern name expected', reader.at);
  if (!take(reader, terminator)) invalid('syntax error in subpattern name (missing terminator?)', reader.at);
  return name;
}
