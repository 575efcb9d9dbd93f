import type { ByteString } from '../byte-string.ts';
import { readNumber } from './numbers.ts';
import { decodeString } from './strings.ts';

/**
 * Walks JSON as cJSON 1.7.15 takes it: any byte up to 0x20 is white space, raw control bytes may stand in strings, what comes after
 * the document does not matter, nesting ends at 1000. Every method returns false where cJSON gives up.
 */
export class JsonScanner {
  readonly json: ByteString;
  at: number;
  /** The last string read. */
  text: ByteString = '';
  /** The last number read. */
  number = 0;
  private depth = 0;
  /** The next backslash at or after `at`, or the end: strings without one are slices. */
  private backslash = -1;

  constructor(json: ByteString, at = 0) {
    this.json = json;
    this.at = at;
  }

  skipSpace(): void {
    const { json } = this;
    let { at } = this;
    while (json.charCodeAt(at) <= 0x20) at++;
    this.at = at;
  }

  /** The byte at the present place, NaN at the end. */
  peek(): number {
    return this.json.charCodeAt(this.at);
  }

  enter(): boolean {
    // Source: cJSON.h, CJSON_NESTING_LIMIT.
    if (this.depth >= 1000) return false;
    this.depth++;
    this.at++;
    this.skipSpace();
    return true;
  }

  leave(): void {
    this.depth--;
    this.at++;
  }

  /** A string, into `text`; the reader stands on the quote. */
  readString(): boolean {
    const { json } = this;
    const start = this.at + 1;
    let end = start;
    // Most strings are short: a look at each byte is cheaper than two searches.
    const near = start + 24;
    for (;;) {
      const byte = json.charCodeAt(end);
      if (byte === 0x22) {
        this.text = json.slice(start, end);
        this.at = end + 1;
        return true;
      }
      if (byte === 0x5c || end === near) return this.readLongString(start, end);
      // NaN: the end, and no quote.
      if (!(byte >= 0)) return false;
      end++;
    }
  }

  private readLongString(start: number, from: number): boolean {
    const { json } = this;
    if (this.backslash < from) {
      const next = json.indexOf('\\', from);
      this.backslash = next < 0 ? json.length : next;
    }
    let end = json.indexOf('"', from);
    if (end < 0) return false;
    if (end < this.backslash) {
      this.text = json.slice(start, end);
      this.at = end + 1;
      return true;
    }
    while (end >= 0 && isEscaped(json, start, end)) end = json.indexOf('"', end + 1);
    if (end < 0) return false;
    const text = decodeString(json, start, end);
    if (text === undefined) return false;
    this.text = text;
    this.at = end + 1;
    return true;
  }

  /** A number, into `number`. */
  readNumber(): boolean {
    const { json } = this;
    let end = this.at;
    let value = 0;
    // Up to nine digits, no sign, no fraction: nearly all.
    for (let byte = json.charCodeAt(end); byte >= 0x30 && byte <= 0x39 && end - this.at < 9; byte = json.charCodeAt(++end))
      value = value * 10 + byte - 0x30;
    if (end > this.at && !isNumberByte(json.charCodeAt(end))) {
      this.number = value;
      this.at = end;
      return true;
    }
    const read = readNumber(json, this.at);
    if (read === undefined) return false;
    this.number = read.value;
    this.at = read.end;
    return true;
  }

  takeWord(word: string): boolean {
    if (!this.json.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** Steps over one value, to know only whether cJSON would take it. */
  skipValue(): boolean {
    switch (this.peek()) {
      case 0x22:
        return this.readString();
      case 0x7b:
        return this.skipObject();
      case 0x5b:
        return this.skipArray();
      case 0x74:
        return this.takeWord('true');
      case 0x66:
        return this.takeWord('false');
      case 0x6e:
        return this.takeWord('null');
      default:
        return isNumberStart(this.peek()) && this.readNumber();
    }
  }

  skipArray(): boolean {
    if (!this.enter()) return false;
    if (this.peek() !== 0x5d) {
      for (;;) {
        if (!this.skipValue()) return false;
        this.skipSpace();
        if (this.peek() !== 0x2c) break;
        this.at++;
        this.skipSpace();
      }
      if (this.peek() !== 0x5d) return false;
    }
    this.leave();
    return true;
  }

  private skipObject(): boolean {
    if (!this.enter()) return false;
    if (this.peek() !== 0x7d) {
      for (;;) {
        if (!this.readKey() || !this.skipValue()) return false;
        this.skipSpace();
        if (this.peek() !== 0x2c) break;
        this.at++;
        this.skipSpace();
      }
      if (this.peek() !== 0x7d) return false;
    }
    this.leave();
    return true;
  }

  /** `"key" :` and the white space around it; the key is in `text`. */
  readKey(): boolean {
    if (this.peek() !== 0x22 || !this.readString()) return false;
    this.skipSpace();
    if (this.peek() !== 0x3a) return false;
    this.at++;
    this.skipSpace();
    return true;
  }
}

export function isNumberStart(byte: number): boolean {
  return byte === 0x2d || (byte >= 0x30 && byte <= 0x39);
}

function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e || byte === 0x45 || byte === 0x65;
}

/** Is the quote at `at` behind an odd number of backslashes? */
function isEscaped(json: ByteString, start: number, at: number): boolean {
  let count = 0;
  while (at - 1 - count >= start && json.charCodeAt(at - 1 - count) === 0x5c) count++;
  return count % 2 === 1;
}
