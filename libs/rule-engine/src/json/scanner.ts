import type { ByteString } from '../byte-string.ts';
import { readNumber } from './numbers.ts';
import { decodeString } from './strings.ts';

/**
 * Walks JSON as cJSON 1.7.15 takes it: any byte up to 0x20 is white space, raw control bytes may stand in strings, what comes after
 * the document does not matter, nesting ends at 1000. Methods return false where cJSON gives up. Strings are only checked: what
 * nobody asks for is never copied.
 */
export class JsonScanner {
  readonly json: ByteString;
  at: number;
  /** The last string read, without its quotes, and whether it has escapes. */
  start = 0;
  end = 0;
  isEscaped = false;
  /** The last number read. */
  number = 0;
  private depth = 0;

  constructor(json: ByteString, at = 0) {
    this.json = json;
    this.at = at;
  }

  /** The last string read. */
  text(): ByteString {
    if (!this.isEscaped) return this.json.slice(this.start, this.end);
    return decodeString(this.json, this.start, this.end) ?? '';
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

  /** A string; the reader stands on the quote. */
  readString(): boolean {
    const { json } = this;
    const start = this.at + 1;
    this.start = start;
    // Most strings are short: a look at each byte is cheaper than a search.
    const near = Math.min(start + 32, json.length);
    let end = start;
    for (; end < near; end++) {
      const byte = json.charCodeAt(end);
      if (byte === 0x22) return this.finish(end, false);
      if (byte === 0x5c) return this.readEscaped(end);
    }
    return this.readLong(end);
  }

  private finish(end: number, isEscaped: boolean): true {
    this.end = end;
    this.isEscaped = isEscaped;
    this.at = end + 1;
    return true;
  }

  private readLong(from: number): boolean {
    const { json } = this;
    const end = json.indexOf('"', from);
    if (end < 0) return false;
    for (let at = from; at < end; at++) if (json.charCodeAt(at) === 0x5c) return this.readEscaped(at);
    return this.finish(end, false);
  }

  /** From the first backslash on. */
  private readEscaped(from: number): boolean {
    const { json } = this;
    for (let at = from; ; ) {
      const byte = json.charCodeAt(at);
      if (byte === 0x22) return this.finish(at, true);
      if (!(byte >= 0)) return false;
      if (byte !== 0x5c) {
        at++;
        continue;
      }
      const letter = json.charCodeAt(at + 1);
      if (letter === 0x75) {
        if (!isPlainUnicode(json, at + 2)) return this.readOddEscapes(from);
        at += 6;
      } else if (isEscapeLetter(letter)) at += 2;
      else return false;
    }
  }

  /** Surrogates, or digits that are none: the end is found as cJSON finds it, then all is decoded to see whether that works. */
  private readOddEscapes(from: number): boolean {
    const { json } = this;
    let end = from;
    for (let byte = json.charCodeAt(end); byte !== 0x22; byte = json.charCodeAt(++end)) {
      if (!(byte >= 0)) return false;
      if (byte === 0x5c) end++;
    }
    return decodeString(json, this.start, end) !== undefined && this.finish(end, true);
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
      do {
        if (!this.skipValue()) return false;
      } while (this.takeComma());
      if (this.peek() !== 0x5d) return false;
    }
    this.leave();
    return true;
  }

  private skipObject(): boolean {
    if (!this.enter()) return false;
    if (this.peek() !== 0x7d) {
      do {
        if (!this.readKey() || !this.skipValue()) return false;
      } while (this.takeComma());
      if (this.peek() !== 0x7d) return false;
    }
    this.leave();
    return true;
  }

  /** White space, and a comma with the white space behind it. False: no comma. */
  takeComma(): boolean {
    this.skipSpace();
    if (this.peek() !== 0x2c) return false;
    this.at++;
    this.skipSpace();
    return true;
  }

  /** `"key" :` and the white space around it; the key is the last string read. */
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

/** `"`, `\`, `/`, b, f, n, r, t. */
function isEscapeLetter(byte: number): boolean {
  switch (byte) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return true;
    default:
      return false;
  }
}

/** Four hexadecimal digits that are no surrogate. */
function isPlainUnicode(json: ByteString, at: number): boolean {
  const first = hexValue(json.charCodeAt(at));
  const second = hexValue(json.charCodeAt(at + 1));
  if (first < 0 || second < 0 || hexValue(json.charCodeAt(at + 2)) < 0 || hexValue(json.charCodeAt(at + 3)) < 0) return false;
  return first !== 0xd || second < 8;
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
