import { FoldedText } from './folded-text.ts';
import { scannerError } from './mark.ts';
import { atDocumentIndicator, type ScanContext } from './scan-context.ts';
import { type Token, textOf, token } from './token.ts';

/** A scalar without quotes: ends at `: `, ` #`, a flow indicator, or a line that is not far enough in. */
export function scanPlainScalar(context: ScanContext): Token {
  const text = context.text;
  const indent = context.indent + 1;
  const start = text.mark();
  let end = start;
  const value: number[] = [];
  const folded = new FoldedText();
  for (;;) {
    text.ensure(4);
    if (atDocumentIndicator(text) || text.at(0) === HASH) break;
    while (!text.isBlankOrEnd(0) && !endsPlainScalar(context)) {
      folded.flush(value);
      text.read(value);
      end = text.mark();
      text.ensure(2);
    }
    if (!text.isBlank(0) && !text.isBreak(0)) break;
    text.ensure(1);
    while (text.isBlank(0) || text.isBreak(0)) {
      if (folded.hasBreak && text.column < indent && text.at(0) === TAB)
        throw scannerError('found a tab character that violates indentation', text.mark());
      folded.take(text);
    }
    if (context.flowLevel === 0 && text.column < indent) break;
  }
  if (folded.hasBreak) context.simpleKeyAllowed = true;
  return token('scalar', start, end, textOf(value), '', true);
}

function endsPlainScalar(context: ScanContext): boolean {
  const byte = context.text.at(0);
  if (byte === COLON && context.text.isBlankOrEnd(1)) return true;
  return context.flowLevel > 0 && FLOW_INDICATORS.includes(byte);
}

const HASH = 0x23;
const TAB = 0x09;
const COLON = 0x3a;
const FLOW_INDICATORS: readonly number[] = [...',?[]{}'].map((character) => character.charCodeAt(0));
