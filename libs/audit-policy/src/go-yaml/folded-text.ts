import type { CharacterBuffer } from './character-buffer.ts';

/**
 * Blank space inside a scalar that is not a block, until it is known what follows: one line break is a space,
 * more are one less, blanks at either side of a break are nothing, blanks without a break stay.
 */
export class FoldedText {
  hasBreak = false;
  #whitespace: number[] = [];
  #leadingBreak: number[] = [];
  #trailingBreaks: number[] = [];

  /** Takes one blank or line break at the cursor. */
  take(text: CharacterBuffer): void {
    if (text.isBlank(0)) {
      if (this.hasBreak) text.skip();
      else text.read(this.#whitespace);
    } else {
      text.ensure(2);
      if (this.hasBreak) text.readLine(this.#trailingBreaks);
      else {
        this.#whitespace = [];
        text.readLine(this.#leadingBreak);
        this.hasBreak = true;
      }
    }
    text.ensure(1);
  }

  /** A line break that a backslash hides. */
  takeHiddenBreak(): void {
    this.hasBreak = true;
  }

  /** Writes what was taken as it reads before more text. */
  flush(value: number[]): void {
    if (this.hasBreak) {
      // Only a Unicode line separator is kept as it is.
      if (this.#leadingBreak[0] !== NEWLINE) appendAll(value, this.#leadingBreak);
      else if (this.#trailingBreaks.length === 0) value.push(SPACE);
      appendAll(value, this.#trailingBreaks);
    } else appendAll(value, this.#whitespace);
    this.#reset();
  }

  #reset(): void {
    this.hasBreak = false;
    if (this.#whitespace.length > 0) this.#whitespace = [];
    if (this.#leadingBreak.length > 0) this.#leadingBreak = [];
    if (this.#trailingBreaks.length > 0) this.#trailingBreaks = [];
  }
}

function appendAll(target: number[], bytes: readonly number[]): void {
  for (const byte of bytes) target.push(byte);
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
