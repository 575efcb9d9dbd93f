import type { CharacterBuffer } from './character-buffer.ts';
import { FoldedText } from './folded-text.ts';
import { scannerError } from './mark.ts';
import { atDocumentIndicator } from './scan-context.ts';
import { type Token, textOf, token } from './token.ts';

/** A scalar in single or double quotes. */
export function scanFlowScalar(text: CharacterBuffer, quoteCharacter: '"' | "'"): Token {
  const quote = quoteCharacter === '"' ? DOUBLE_QUOTE : SINGLE_QUOTE;
  const start = text.mark();
  text.skip();
  const value: number[] = [];
  for (;;) {
    text.ensure(4);
    if (atDocumentIndicator(text)) throw scannerError('found unexpected document indicator', text.mark());
    if (text.at(0) === 0) throw scannerError('found unexpected end of stream', text.mark());
    const folded = new FoldedText();
    scanWords(text, quote, value, folded);
    text.ensure(1);
    if (text.at(0) === quote) break;
    while (text.isBlank(0) || text.isBreak(0)) folded.take(text);
    folded.flush(value);
  }
  text.skip();
  return token('scalar', start, text.mark(), textOf(value));
}

/** Up to the next blank space or the closing quote. */
function scanWords(text: CharacterBuffer, quote: number, value: number[], folded: FoldedText): void {
  while (!text.isBlankOrEnd(0)) {
    const byte = text.at(0);
    if (byte === quote) {
      if (quote !== SINGLE_QUOTE || text.at(1) !== SINGLE_QUOTE) return;
      value.push(SINGLE_QUOTE);
      text.skip();
      text.skip();
    } else if (quote === DOUBLE_QUOTE && byte === BACKSLASH) {
      if (text.isBreak(1)) {
        text.ensure(3);
        text.skip();
        text.skipLine();
        folded.takeHiddenBreak();
        return;
      }
      scanEscape(text, value);
    } else text.read(value);
    text.ensure(2);
  }
}

function scanEscape(text: CharacterBuffer, value: number[]): void {
  const letter = String.fromCharCode(text.at(1));
  const digits = HEX_DIGITS[letter] ?? 0;
  const simple = ESCAPES[letter];
  if (digits === 0 && simple === undefined) throw scannerError('found unknown escape character', text.mark());
  text.skip();
  text.skip();
  if (digits === 0) {
    value.push(...Buffer.from(simple ?? ''));
    return;
  }
  text.ensure(digits);
  let codePoint = 0;
  for (let offset = 0; offset < digits; offset++) {
    const digit = hexValue(text.at(offset));
    if (digit === undefined) throw scannerError('did not find expected hexdecimal number', text.mark());
    codePoint = codePoint * 16 + digit;
  }
  if ((codePoint >= 0xd800 && codePoint <= 0xdfff) || codePoint > 0x10ffff)
    throw scannerError('found invalid Unicode character escape code', text.mark());
  value.push(...Buffer.from(String.fromCodePoint(codePoint)));
  for (let count = 0; count < digits; count++) text.skip();
}

export function hexValue(byte: number): number | undefined {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? undefined : digit;
}

const SINGLE_QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;

const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const ESCAPES: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
