import { quote } from '../go-text/quote.ts';
import { DataError, type Place } from './data.ts';

/** Stands on one byte of a JSON text and knows its line. */
export class JsonCursor {
  readonly text: Uint8Array;
  position = 0;
  #line = 1;
  /** A place on this line whose column is known, so that a long line is counted once. */
  #known = { position: 0, column: 1 };

  constructor(text: Uint8Array) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** The byte at the cursor as a Latin-1 character; a space at the end, as Go's scanner pretends. */
  peek(): string {
    return String.fromCharCode(this.text[this.position] ?? 0x20);
  }

  take(): void {
    this.position++;
  }

  skipSpace(): void {
    for (;;) {
      const byte = this.text[this.position];
      if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return;
      this.position++;
      if (byte !== 0x0a) continue;
      this.#line++;
      this.#known = { position: this.position, column: 1 };
    }
  }

  place(): Place {
    let { column } = this.#known;
    for (let position = this.#known.position; position < this.position; position++)
      if (((this.text[position] ?? 0) & 0xc0) !== 0x80) column++;
    this.#known = { position: this.position, column };
    return { line: this.#line, column };
  }

  /** Where any space may stand, an early end is an end. */
  unexpected(context: string): DataError {
    return this.atEnd ? new DataError('unexpected end of JSON input', this.place()) : this.invalid(context);
  }

  /** Inside a literal the space that Go puts after the end is an error of its own. */
  invalid(context: string): DataError {
    return new DataError(`invalid character ${quoteCharacter(this.peek())} ${context}`, this.place());
  }
}

/** scanner.go quoteChar. */
function quoteCharacter(character: string): string {
  if (character === "'") return String.raw`'\''`;
  return character === '"' ? `'"'` : `'${quote(character).slice(1, -1)}'`;
}
