import { decodeUtf8 } from '../go-text/utf8.ts';
import type { JsonCursor } from './json-cursor.ts';

/** At `t`, `f` or `n`. */
export function parseLiteral(cursor: JsonCursor): string {
  const word = { t: 'true', f: 'false', n: 'null' }[cursor.peek()] ?? '';
  cursor.take();
  for (const expected of word.slice(1)) {
    if (cursor.peek() !== expected) throw cursor.invalid(`in literal ${word} (expecting '${expected}')`);
    cursor.take();
  }
  return word;
}

/** The digits as they are written. */
export function parseNumber(cursor: JsonCursor): string {
  const start = cursor.position;
  if (cursor.peek() === '-') cursor.take();
  if (cursor.peek() === '0') cursor.take();
  else takeDigits(cursor, 'in numeric literal');
  if (cursor.peek() === '.') {
    cursor.take();
    takeDigits(cursor, 'after decimal point in numeric literal');
  }
  if (cursor.peek() === 'e' || cursor.peek() === 'E') {
    cursor.take();
    if (cursor.peek() === '+' || cursor.peek() === '-') cursor.take();
    takeDigits(cursor, 'in exponent of numeric literal');
  }
  return decodeUtf8(cursor.text.subarray(start, cursor.position));
}

function takeDigits(cursor: JsonCursor, context: string): void {
  if (!isDigit(cursor.peek())) throw cursor.invalid(context);
  while (isDigit(cursor.peek())) cursor.take();
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

/** At the opening quote. Half of a surrogate pair becomes U+FFFD, as does what is no UTF-8. */
export function parseString(cursor: JsonCursor): string {
  cursor.take();
  let value = '';
  let start = cursor.position;
  for (;;) {
    const character = cursor.peek();
    if (character === '"' && !cursor.atEnd) break;
    if (cursor.atEnd) throw cursor.unexpected('in string literal');
    if (character < ' ') throw cursor.invalid('in string literal');
    if (character !== '\\') {
      cursor.take();
      continue;
    }
    value += decodeUtf8(cursor.text.subarray(start, cursor.position)) + parseEscape(cursor);
    start = cursor.position;
  }
  value += decodeUtf8(cursor.text.subarray(start, cursor.position));
  cursor.take();
  return value.toWellFormed();
}

function parseEscape(cursor: JsonCursor): string {
  cursor.take();
  const letter = cursor.peek();
  if (letter !== 'u') {
    const character = ESCAPES[letter];
    if (character === undefined || cursor.atEnd) throw cursor.invalid('in string escape code');
    cursor.take();
    return character;
  }
  cursor.take();
  let digits = '';
  while (digits.length < 4) {
    const digit = cursor.peek();
    if (!/[0-9a-fA-F]/.test(digit)) throw cursor.invalid('in \\u hexadecimal character escape');
    digits += digit;
    cursor.take();
  }
  return String.fromCharCode(Number.parseInt(digits, 16));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
