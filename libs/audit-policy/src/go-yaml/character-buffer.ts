import { decodeRaw, type Encoding, encodingOf } from './encoding.ts';
import { type Mark, YamlError } from './mark.ts';

/** go-yaml's sizes. They show in results: a bad character is reported when its chunk is read, not when it is reached. */
const RAW_BYTES = 512;
const BUFFER_BYTES = RAW_BYTES * 3;

/**
 * The scanner's window on a text: a port of go.yaml.in/yaml/v2 v2.4.3 readerc.go and of the cursor in scannerc.go.
 *
 * Holds UTF-8 whatever the text came in. A caller says with `ensure` how many characters it is about to look at;
 * beyond the end it sees zero bytes.
 */
export class CharacterBuffer {
  readonly #input: Uint8Array;
  #inputPosition = 0;
  #encoding: Encoding | undefined;
  #raw: Uint8Array = new Uint8Array(0);
  #ended = false;
  readonly #bytes: Uint8Array = new Uint8Array(BUFFER_BYTES);
  #length = 0;
  #position = 0;
  #unread = 0;
  #index = 0;
  #line = 0;
  #column = 0;

  constructor(input: Uint8Array) {
    this.#input = input.length === 0 ? Uint8Array.of(0x0a) : input;
  }

  /** The byte `offset` bytes after the cursor. */
  at(offset: number): number {
    return this.#bytes[this.#position + offset] ?? 0;
  }

  get column(): number {
    return this.#column;
  }

  get line(): number {
    return this.#line;
  }

  mark(): Mark {
    return { index: this.#index, line: this.#line, column: this.#column };
  }

  /** go-yaml looks at the start of its buffer for a byte order mark, not at the cursor. */
  startsWithByteOrderMark(): boolean {
    return this.#bytes[0] === 0xef && this.#bytes[1] === 0xbb && this.#bytes[2] === 0xbf;
  }

  skip(): void {
    this.#position += width(this.at(0));
    this.#moveOn();
  }

  /** Appends the character at the cursor to `text` and moves on. */
  read(text: number[]): void {
    const bytes = width(this.at(0));
    for (let offset = 0; offset < bytes; offset++) text.push(this.at(offset));
    this.#position += bytes;
    this.#moveOn();
  }

  skipLine(): void {
    this.readLine([]);
  }

  /** At a line break: appends it, all but the Unicode separators as `\n`, and moves to the next line. */
  readLine(text: number[]): void {
    if (!this.isBreak(0)) return;
    const first = this.at(0);
    if (first === 0x0d && this.at(1) === 0x0a) {
      text.push(0x0a);
      this.#position += 2;
      this.#index++;
      this.#unread--;
    } else if (first === 0x0d || first === 0x0a) {
      text.push(0x0a);
      this.#position += 1;
    } else if (first === 0xc2) {
      text.push(0x0a);
      this.#position += 2;
    } else {
      text.push(first, this.at(1), this.at(2));
      this.#position += 3;
    }
    this.#index++;
    this.#column = 0;
    this.#line++;
    this.#unread--;
  }

  /** The scanner ends a text that has no last line break as if it had one. */
  endLastLine(): void {
    if (this.#column === 0) return;
    this.#column = 0;
    this.#line++;
  }

  isBreak(offset: number): boolean {
    const byte = this.at(offset);
    if (byte === 0x0a || byte === 0x0d) return true;
    if (byte === 0xc2) return this.at(offset + 1) === 0x85;
    return byte === 0xe2 && this.at(offset + 1) === 0x80 && (this.at(offset + 2) === 0xa8 || this.at(offset + 2) === 0xa9);
  }

  isBreakOrEnd(offset: number): boolean {
    return this.at(offset) === 0 || this.isBreak(offset);
  }

  isBlank(offset: number): boolean {
    const byte = this.at(offset);
    return byte === 0x20 || byte === 0x09;
  }

  isBlankOrEnd(offset: number): boolean {
    return this.isBlank(offset) || this.isBreakOrEnd(offset);
  }

  /** Makes at least `characters` characters visible at the cursor. */
  ensure(characters: number): void {
    if (this.#unread >= characters) return;
    if (this.#encoding === undefined) this.#determineEncoding();
    this.#bytes.copyWithin(0, this.#position, this.#length);
    this.#length -= this.#position;
    this.#position = 0;
    for (let first = true; this.#unread < characters; first = false) {
      if (!first || this.#raw.length === 0) this.#readRaw();
      this.#decodeRaw();
      if (this.#ended) {
        this.#bytes[this.#length++] = 0;
        this.#unread++;
        break;
      }
    }
    while (this.#length < characters) this.#bytes[this.#length++] = 0;
  }

  #moveOn(): void {
    this.#index++;
    this.#column++;
    this.#unread--;
  }

  #determineEncoding(): void {
    while (!this.#ended && this.#raw.length < 3) this.#readRaw();
    const { encoding, markBytes } = encodingOf(this.#raw);
    this.#encoding = encoding;
    this.#raw = this.#raw.subarray(markBytes);
  }

  /** Fills the raw chunk up. The end is known only when a read gives nothing. */
  #readRaw(): void {
    if (this.#raw.length === RAW_BYTES || this.#ended) return;
    if (this.#inputPosition === this.#input.length) {
      this.#ended = true;
      return;
    }
    const end = Math.min(this.#input.length, this.#inputPosition + RAW_BYTES - this.#raw.length);
    // What is left over of the last chunk lies directly before it in the input.
    this.#raw = this.#input.subarray(this.#inputPosition - this.#raw.length, end);
    this.#inputPosition = end;
  }

  #decodeRaw(): void {
    let position = 0;
    while (position < this.#raw.length) {
      const next = decodeRaw(this.#encoding ?? 'utf-8', this.#raw, position, this.#ended);
      if (next.kind === 'incomplete') break;
      if (next.kind === 'bad') throw new YamlError(next.problem);
      this.#append(next.codePoint);
      position += next.bytes;
    }
    this.#raw = this.#raw.subarray(position);
  }

  #append(codePoint: number): void {
    const bytes = this.#bytes;
    if (codePoint <= 0x7f) bytes[this.#length++] = codePoint;
    else if (codePoint <= 0x7ff) {
      bytes[this.#length++] = 0xc0 + (codePoint >> 6);
      bytes[this.#length++] = 0x80 + (codePoint & 0x3f);
    } else if (codePoint <= 0xffff) {
      bytes[this.#length++] = 0xe0 + (codePoint >> 12);
      bytes[this.#length++] = 0x80 + ((codePoint >> 6) & 0x3f);
      bytes[this.#length++] = 0x80 + (codePoint & 0x3f);
    } else {
      bytes[this.#length++] = 0xf0 + (codePoint >> 18);
      bytes[this.#length++] = 0x80 + ((codePoint >> 12) & 0x3f);
      bytes[this.#length++] = 0x80 + ((codePoint >> 6) & 0x3f);
      bytes[this.#length++] = 0x80 + (codePoint & 0x3f);
    }
    this.#unread++;
  }
}

/** Bytes of the UTF-8 character that starts with this one. */
export function width(byte: number): number {
  if ((byte & 0x80) === 0) return 1;
  if ((byte & 0xe0) === 0xc0) return 2;
  if ((byte & 0xf0) === 0xe0) return 3;
  return (byte & 0xf8) === 0xf0 ? 4 : 0;
}
