/**
 * Where an item's own members stand in its bytes. The scanner notes them while it looks for the item's end, so that the
 * questions asked of every item (has it an audit ID, a body, a query?) need no second pass and no parse.
 */

/** An event has at most 17 members; an item with more than this is not from an API server. */
const MAX_MEMBERS = 64;
const STRIDE = 3;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Offsets into one item; overwritten by the next one, so nobody may keep it. */
export class ItemMembers {
  count = 0;
  /** More members than are noted: what is asked for may stand behind them. */
  overflown = false;
  readonly #offsets: number[] = [];

  clear(): void {
    this.count = 0;
    this.overflown = false;
  }

  /** Offsets of the key's text (between the quotes) and of what follows the colon. */
  add(keyStart: number, keyEnd: number, valueStart: number): void {
    if (this.count === MAX_MEMBERS) {
      this.overflown = true;
      return;
    }
    const at = this.count * STRIDE;
    this.#offsets[at] = keyStart;
    this.#offsets[at + 1] = keyEnd;
    this.#offsets[at + 2] = valueStart;
    this.count += 1;
  }

  keyStart(index: number): number {
    return this.#offsets[index * STRIDE] as number;
  }

  keyEnd(index: number): number {
    return this.#offsets[index * STRIDE + 1] as number;
  }

  /** The first byte behind the colon; white space may come before the value. */
  valueStart(index: number): number {
    return this.#offsets[index * STRIDE + 2] as number;
  }

  /** Behind the value: includes the comma, or for the last member the closing brace. Good for searching, not for cutting. */
  valueEnd(index: number, item: Uint8Array): number {
    return index + 1 < this.count ? this.keyStart(index + 1) - 1 : item.length;
  }

  /** The member of that name, the last one if it is there twice (as JSON.parse reads it), or -1. */
  find(item: Uint8Array, name: string): number {
    for (let index = this.count - 1; index >= 0; index -= 1) if (this.hasKey(index, item, name)) return index;
    return -1;
  }

  /** The first member of that name, or -1: for asking whether it is there. */
  findFirst(item: Uint8Array, name: string): number {
    for (let index = 0; index < this.count; index += 1) if (this.hasKey(index, item, name)) return index;
    return -1;
  }

  hasKey(index: number, item: Uint8Array, name: string): boolean {
    const start = this.keyStart(index);
    const length = this.keyEnd(index) - start;
    if (length !== name.length) return length > name.length && isEscapedForm(item, start, length, name);
    for (let offset = 0; offset < length; offset += 1) if (item[start + offset] !== name.charCodeAt(offset)) return false;
    return true;
  }
}

/** `"audit\u0049D"` is `auditID` too. Go never writes a key so, but a reader that overlooks it can be led astray. */
function isEscapedForm(item: Uint8Array, start: number, length: number, name: string): boolean {
  const backslash = item.indexOf(BACKSLASH, start);
  if (backslash < 0 || backslash >= start + length || item[start + length] !== QUOTE) return false;
  return decodeJson(Buffer.from(item.subarray(start - 1, start + length + 1))) === name;
}

/** The value of a piece of JSON, undefined when it is none. */
export function decodeJson(json: Buffer): unknown {
  const text = json.toString();
  if (PLAIN_STRING.test(text)) return text.slice(1, -1);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Nearly every key: not worth a parser. */
const PLAIN_STRING = /^"[A-Za-z0-9./_-]*"$/;
