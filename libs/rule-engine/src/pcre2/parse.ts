import { readBackreference } from './backreference.ts';
import { closesPosix, readClass } from './character-class.ts';
import { typeSet, VERTICAL } from './character-types.ts';
import { clipTo, codeSetOf, complementOf, singleCode } from './code-set.ts';
import { type Escape, readEscape } from './escapes.ts';
import { readGroup } from './groups.ts';
import { isAtEnd, noteUnsupported, type PatternReader, peek, take, takeWhile } from './pattern-reader.ts';
import { invalid } from './pattern-refusal.ts';
import { alternativesOf, EMPTY, type Item, type Node, sequenceOf } from './syntax-tree.ts';
import { caseVariants } from './unicode-properties.ts';

/** Branches up to a ")" or the end, which is left for the caller. `resetGroups`: `(?|…)`, where every branch counts its groups anew. */
export function parseBranches(reader: PatternReader, resetGroups = false): readonly Node[] {
  const firstGroup = reader.groups;
  let mostGroups = firstGroup;
  const branches = [parseSequence(reader)];
  while (take(reader, '|')) {
    mostGroups = Math.max(mostGroups, reader.groups);
    if (resetGroups) reader.groups = firstGroup;
    branches.push(parseSequence(reader));
  }
  reader.groups = Math.max(mostGroups, reader.groups);
  return branches;
}

function parseSequence(reader: PatternReader): Node {
  const items: Node[] = [];
  /** May a quantifier follow? Not at the start, after an assertion such as `^`, or after another quantifier. */
  let repeatable = false;
  let quoted = false;
  while (!isAtEnd(reader)) {
    if (quoted) {
      if (take(reader, '\\E')) quoted = false;
      else {
        items.push(literal(reader, reader.units[reader.at++] ?? 0));
        repeatable = true;
      }
      continue;
    }
    const next = peek(reader);
    if (next === '|' || next === ')') break;
    if (skipNothing(reader)) continue;
    if (take(reader, '\\Q')) {
      quoted = true;
      continue;
    }
    const quantifier = readQuantifier(reader);
    if (quantifier !== undefined) {
      if (!repeatable) invalid('quantifier does not follow a repeatable item', reader.at);
      items.push(repeat(items.pop() ?? EMPTY, quantifier));
      repeatable = false;
      continue;
    }
    const edge = readWordEdge(reader);
    if (edge !== undefined) {
      // A quantifier takes only the second of the two.
      items.push({ kind: 'assertion', assertion: 'word-boundary' }, edge);
      repeatable = true;
      continue;
    }
    const item = parseItem(reader);
    items.push(item.node);
    repeatable = item.repeatable;
  }
  return sequenceOf(items);
}

function parseItem(reader: PatternReader): Item {
  const start = reader.at;
  const unit = reader.units[reader.at++] ?? 0;
  const { multiline, dotAll } = reader.options;
  switch (String.fromCodePoint(unit)) {
    case '^':
      return { node: { kind: 'assertion', assertion: multiline ? 'line-start' : 'subject-start' }, repeatable: false };
    case '$':
      return { node: { kind: 'assertion', assertion: multiline ? 'line-end' : 'last-line-end' }, repeatable: false };
    case '.':
      return { node: { kind: 'set', set: dotAll ? [0, reader.maxCode] : notNewline(reader) }, repeatable: true };
    case '[':
      return { node: parseClass(reader, start), repeatable: true };
    case '(':
      return readGroup(reader);
    case '\\':
      return escapedItem(reader, readEscape(reader, false));
    default:
      return { node: literal(reader, unit), repeatable: true };
  }
}

function escapedItem(reader: PatternReader, escaped: Escape): Item {
  switch (escaped.kind) {
    case 'code':
      return { node: literal(reader, escaped.code), repeatable: true };
    case 'set':
      return { node: { kind: 'set', set: escaped.set }, repeatable: true };
    case 'assertion':
      return { node: { kind: 'assertion', assertion: escaped.assertion }, repeatable: false };
    case 'not-newline':
      return { node: { kind: 'set', set: notNewline(reader) }, repeatable: true };
    case 'any-newline':
      return { node: anyNewline(reader), repeatable: true };
    case 'one-unit':
      if (reader.utf) noteUnsupported(reader, '\\C with (*UTF)');
      return { node: { kind: 'set', set: [0, reader.maxCode] }, repeatable: true };
    case 'start-of-match':
      if (reader.lookDepth > 0) invalid('\\K is not allowed in lookarounds', reader.at);
      // It moves where the match starts, which no rule asks for.
      return { node: EMPTY, repeatable: false };
    case 'grapheme':
      noteUnsupported(reader, '\\X');
      return { node: GRAPHEME, repeatable: true };
    case 'subroutine':
      return { node: EMPTY, repeatable: true };
    case 'backreference':
      return { node: readBackreference(reader, escaped.group), repeatable: true };
    case 'quote':
    case 'quote-end':
      // parseSequence takes these before an item is read.
      return { node: EMPTY, repeatable: false };
  }
}

/** Not fixed in length, so that a lookbehind refuses it as PCRE2 does. */
const GRAPHEME: Node = { kind: 'repeat', body: { kind: 'set', set: [0, 255] }, min: 1, max: 2, greedy: true };

function parseClass(reader: PatternReader, start: number): Node {
  const mark = peek(reader);
  if (mark === ':' || mark === '.' || mark === '=') {
    reader.at = start;
    const closes = closesPosix(reader, mark);
    if (closes)
      invalid(mark === ':' ? 'POSIX named classes are supported only within a class' : 'POSIX collating elements are not supported', start);
    reader.at = start + 1;
  }
  return { kind: 'set', set: readClass(reader) };
}

/** `[[:<:]]` and `[[:>:]]`, old spellings of `\\b(?=\\w)` and `\\b(?<=\\w)`: the part after `\\b`. */
function readWordEdge(reader: PatternReader): Node | undefined {
  const atStart = take(reader, '[[:<:]]');
  if (!atStart && !take(reader, '[[:>:]]')) return undefined;
  return { kind: 'look', behind: !atStart, negative: false, branches: [{ kind: 'set', set: typeSet('w', reader) }], offset: reader.at };
}

function literal(reader: PatternReader, code: number): Node {
  if (!reader.options.caseless) return { kind: 'set', set: singleCode(code) };
  const variants = caseVariants(code, reader.utf || reader.ucp, reader.maxCode);
  return { kind: 'set', set: codeSetOf(...variants.map((variant) => [variant, variant] as const)) };
}

function notNewline(reader: PatternReader): readonly number[] {
  return complementOf(singleCode(10), reader.maxCode);
}

/** `\R` takes CR LF as one and never gives back the LF. */
function anyNewline(reader: PatternReader): Node {
  const crLf = sequenceOf([
    { kind: 'set', set: singleCode(13) },
    { kind: 'set', set: singleCode(10) },
  ]);
  return { kind: 'atomic', body: alternativesOf([crLf, { kind: 'set', set: clipTo(VERTICAL, reader.maxCode) }]) };
}

/** Steps over what means nothing: comments, white space after `(?x)`, an empty quotation. */
function skipNothing(reader: PatternReader): boolean {
  return skipExtended(reader) || skipComment(reader) || take(reader, '\\E') || take(reader, '\\Q\\E');
}

/** White space and "# …" after `(?x)`. */
function skipExtended(reader: PatternReader): boolean {
  if (!reader.options.extended) return false;
  if (/^[ \t-\r]$/.test(peek(reader)) || (reader.utf && /^[\u0085\u200e\u200f\u2028\u2029]$/.test(peek(reader)))) {
    reader.at++;
    return true;
  }
  if (peek(reader) !== '#') return false;
  takeWhile(reader, (character) => character !== '\n');
  return true;
}

function skipComment(reader: PatternReader): boolean {
  if (!take(reader, '(?#')) return false;
  takeWhile(reader, (character) => character !== ')');
  if (!take(reader, ')')) invalid('missing ) after (?# comment', reader.at);
  return true;
}

interface Quantifier {
  readonly min: number;
  readonly max: number;
  readonly mode: 'greedy' | 'lazy' | 'possessive';
}

function readQuantifier(reader: PatternReader): Quantifier | undefined {
  const counts = readCounts(reader);
  if (counts === undefined) return undefined;
  const [min, max] = counts;
  // "+" and "?" still belong to the quantifier after a comment: `a{2}(?#two)+`.
  while (skipNothing(reader));
  if (take(reader, '+')) return { min, max, mode: 'possessive' };
  const lazy = take(reader, '?') !== reader.options.ungreedy;
  return { min, max, mode: lazy ? 'lazy' : 'greedy' };
}

function readCounts(reader: PatternReader): readonly [number, number] | undefined {
  if (take(reader, '*')) return [0, Number.POSITIVE_INFINITY];
  if (take(reader, '+')) return [1, Number.POSITIVE_INFINITY];
  if (take(reader, '?')) return [0, 1];
  if (peek(reader) !== '{') return undefined;
  const text = reader.units
    .slice(reader.at, reader.at + 64)
    .map((unit) => String.fromCodePoint(unit))
    .join('');
  const counts = /^\{(\d+)(,(\d*))?\}/.exec(text);
  if (counts === null) return undefined;
  const [all, low = '0', comma, high = ''] = counts;
  const min = Number(low);
  const max = comma === undefined ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high);
  // 65535: PCRE2's MAX_REPEAT_COUNT.
  if (min > 65_535 || (max > 65_535 && max !== Number.POSITIVE_INFINITY)) invalid('number too big in {} quantifier', reader.at);
  if (max < min) invalid('numbers out of order in {} quantifier', reader.at);
  reader.at += all.length;
  return [min, max];
}

function repeat(body: Node, { min, max, mode }: Quantifier): Node {
  // An assertion holds or not; more than once says nothing more. Source: pcre2pattern(3), "Assertions".
  if (body.kind === 'look' && !body.behind) return min > 0 ? body : alternativesOf([body, EMPTY]);
  if (body.kind === 'look') {
    // Still a repeat: a lookbehind around it must see that it is not fixed in length.
    const once = Math.min(min, 1);
    return { kind: 'repeat', body, min: once, max: min === max ? once : once + 1, greedy: mode !== 'lazy' };
  }
  const node: Node = { kind: 'repeat', body, min, max, greedy: mode !== 'lazy' };
  return mode === 'possessive' ? { kind: 'atomic', body: node } : node;
}
