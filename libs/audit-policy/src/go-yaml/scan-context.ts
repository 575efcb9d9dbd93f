import type { CharacterBuffer } from './character-buffer.ts';

/** What scanning one token needs to know of the tokens before it. */
export interface ScanContext {
  readonly text: CharacterBuffer;
  /** Open brackets and braces. */
  readonly flowLevel: number;
  /** Column of the block collection around; -1 outside of any. */
  readonly indent: number;
  /** A key without `?` may start here. */
  simpleKeyAllowed: boolean;
}

/** At `#`: goes to the end of the line. */
export function skipComment(text: CharacterBuffer): void {
  if (text.at(0) !== HASH) return;
  while (!text.isBreakOrEnd(0)) {
    text.skip();
    text.ensure(1);
  }
}

/** `---` or `...` at the start of a line, followed by blank space. Needs four characters. */
export function atDocumentIndicator(text: CharacterBuffer): boolean {
  const byte = text.at(0);
  return text.column === 0 && (byte === DASH || byte === DOT) && text.at(1) === byte && text.at(2) === byte && text.isBlankOrEnd(3);
}

const HASH = 0x23;
const DASH = 0x2d;
const DOT = 0x2e;
