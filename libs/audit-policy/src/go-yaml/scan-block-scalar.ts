import { type Mark, scannerError } from './mark.ts';
import { type ScanContext, skipComment } from './scan-context.ts';
import { type Token, textOf, token } from './token.ts';

/** A `|` or `>` scalar: header, then lines that are at least as far in as the first one that is not empty. */
export function scanBlockScalar(context: ScanContext, literal: boolean): Token {
  const text = context.text;
  const start = text.mark();
  text.skip();
  const { chomping, increment } = scanHeader(context);
  const indentation: Indentation = {
    parent: context.indent,
    column: increment === 0 ? 0 : Math.max(context.indent, 0) + increment,
    end: text.mark(),
  };
  const value: number[] = [];
  let leadingBreak: number[] = [];
  let trailingBreaks: number[] = [];
  let leadingBlank = false;
  scanBreaks(context, indentation, trailingBreaks);
  text.ensure(1);
  while (text.column === indentation.column && text.at(0) !== 0) {
    const folds = !literal && !leadingBlank && !text.isBlank(0) && leadingBreak[0] === NEWLINE;
    if (!folds) value.push(...leadingBreak);
    else if (trailingBreaks.length === 0) value.push(SPACE);
    appendAll(value, trailingBreaks);
    leadingBreak = [];
    trailingBreaks = [];
    leadingBlank = text.isBlank(0);
    while (!text.isBreakOrEnd(0)) {
      text.read(value);
      text.ensure(1);
    }
    text.ensure(2);
    text.readLine(leadingBreak);
    scanBreaks(context, indentation, trailingBreaks);
  }
  if (chomping !== 'strip') appendAll(value, leadingBreak);
  if (chomping === 'keep') appendAll(value, trailingBreaks);
  return token('scalar', start, indentation.end, textOf(value));
}

interface Indentation {
  readonly parent: number;
  /** 0: not known yet. */
  column: number;
  /** End of the last break that was read. */
  end: Mark;
}

function scanHeader(context: ScanContext): { readonly chomping: 'keep' | 'strip' | 'clip'; readonly increment: number } {
  const text = context.text;
  text.ensure(1);
  let chomping = scanChomping(context);
  const increment = scanIncrement(context);
  if (chomping === 'clip' && increment > 0) chomping = scanChomping(context);
  text.ensure(1);
  while (text.isBlank(0)) {
    text.skip();
    text.ensure(1);
  }
  skipComment(text);
  if (!text.isBreakOrEnd(0)) throw scannerError('did not find expected comment or line break', text.mark());
  if (text.isBreak(0)) {
    text.ensure(2);
    text.skipLine();
  }
  return { chomping, increment };
}

function scanChomping(context: ScanContext): 'keep' | 'strip' | 'clip' {
  const byte = context.text.at(0);
  if (byte !== PLUS && byte !== MINUS) return 'clip';
  context.text.skip();
  context.text.ensure(1);
  return byte === PLUS ? 'keep' : 'strip';
}

function scanIncrement(context: ScanContext): number {
  const text = context.text;
  const digit = text.at(0) - ZERO;
  if (digit < 0 || digit > 9) return 0;
  if (digit === 0) throw scannerError('found an indentation indicator equal to 0', text.mark());
  text.skip();
  text.ensure(1);
  return digit;
}

/** Indentation and line breaks before the next line; finds out how far in the lines are when that is not known. */
function scanBreaks(context: ScanContext, indentation: Indentation, breaks: number[]): void {
  const text = context.text;
  indentation.end = text.mark();
  let deepest = 0;
  for (;;) {
    text.ensure(1);
    const isOutside = (): boolean => indentation.column === 0 || text.column < indentation.column;
    while (isOutside() && text.at(0) === SPACE) {
      text.skip();
      text.ensure(1);
    }
    deepest = Math.max(deepest, text.column);
    if (isOutside() && text.at(0) === TAB) throw scannerError('found a tab character where an indentation space is expected', text.mark());
    if (!text.isBreak(0)) break;
    text.ensure(2);
    text.readLine(breaks);
    indentation.end = text.mark();
  }
  if (indentation.column === 0) indentation.column = Math.max(deepest, indentation.parent + 1, 1);
}

/** `push(...bytes)` of a long scalar would not fit the stack. */
function appendAll(target: number[], bytes: readonly number[]): void {
  for (const byte of bytes) target.push(byte);
}

const SPACE = 0x20;
const TAB = 0x09;
const NEWLINE = 0x0a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
