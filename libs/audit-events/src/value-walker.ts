import { ItemMembers } from './item-members.ts';
import { MAX_ITEM_DEPTH } from './scanned-item.ts';

/**
 * Finds where a JSON value ends, in bytes that arrive in pieces. It knows strings, escapes and brackets and nothing else:
 * cutting at a text such as `},{"level":"` would let a request body forge the border between two events.
 * What stands between the brackets is judged later, by the parser.
 *
 * This is the receiver's hottest loop: about 0.8 ns a byte (`npm run bench -- scanner`).
 */
export class ValueWalker {
  /** Members of the value when it is an object, as offsets into the collected value. */
  readonly members: ItemMembers = new ItemMembers();
  /** Open brackets around the place that is read. */
  depth = 0;
  maxDepth = 0;
  /** What must be added to an offset of the chunk to get one of the collected value; the owner sets it before each walk. */
  base = 0;

  #inString = false;
  #escaped = false;
  #inScalar = false;
  #stringStart = 0;
  #stringEnd = 0;
  // Plain lists, here and in the members: a typed array costs a microsecond to make, and many a request holds one event.
  readonly #open: number[] = [];

  /** Prepares for a value whose first byte is `first`. */
  begin(first: number): void {
    this.members.clear();
    this.depth = 0;
    this.maxDepth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#inScalar = first !== QUOTE && first !== OPENING_BRACE && first !== OPENING_BRACKET;
  }

  /**
   * Reads on from `from`. Returns the offset behind the value, or behind the bracket that brings the depth down to `floor`;
   * `CHUNK_ENDED` when more is needed; `MISMATCH` when a bracket closes what it did not open.
   */
  walk(chunk: Uint8Array, from: number, floor = 0): number {
    return this.#inScalar ? walkScalar(chunk, from) : this.#walkStructure(chunk, from, floor);
  }

  #walkStructure(chunk: Uint8Array, from: number, floor: number): number {
    const { base, members } = this;
    const open = this.#open;
    const end = chunk.length;
    let at = from;
    let depth = this.depth;
    let maxDepth = this.maxDepth;
    let stringStart = this.#stringStart;
    let stringEnd = this.#stringEnd;
    let inString = this.#inString;
    if (inString) {
      at = behindString(chunk, this.#escaped ? at + 1 : at, end);
      if (at <= end) {
        inString = false;
        stringEnd = at - 1 + base;
        if (depth <= floor) return this.#stopAt(at, depth);
      }
    }
    while (at < end) {
      const byte = chunk[at] as number;
      at += 1;
      if (byte === QUOTE) {
        stringStart = at + base;
        at = behindString(chunk, at, end);
        if (at > end) {
          inString = true;
          break;
        }
        stringEnd = at - 1 + base;
        if (depth <= floor) return this.#stopAt(at, depth);
        continue;
      }
      if (byte <= COLON) {
        // Commas, digits and white space come before the colon in ASCII: most bytes outside strings end here.
        if (byte === COLON && depth === 1) members.add(stringStart, stringEnd, at + base);
        continue;
      }
      const bracket = byte & BRACKET_MASK;
      if (bracket === OPENING_BRACKET) {
        if (depth < CHECKED_DEPTH) open[depth] = byte;
        depth += 1;
        if (depth > maxDepth) maxDepth = depth;
      } else if (bracket === CLOSING_BRACKET) {
        depth -= 1;
        // In ASCII each closing bracket stands two behind its opening one.
        if (depth < CHECKED_DEPTH && open[depth] !== byte - 2) return MISMATCH;
        if (depth <= floor) {
          this.maxDepth = maxDepth;
          return this.#stopAt(at, depth);
        }
      }
    }
    this.depth = depth;
    this.maxDepth = maxDepth;
    this.#stringStart = stringStart;
    this.#stringEnd = stringEnd;
    this.#inString = inString;
    this.#escaped = at === end + ENDS_IN_ESCAPE;
    return CHUNK_ENDED;
  }

  #stopAt(at: number, depth: number): number {
    this.depth = depth;
    this.#inString = false;
    return at;
  }
}

export const CHUNK_ENDED = -1;
export const MISMATCH = -2;

/** Brackets deeper than this are counted, not matched: the item is over its depth limit anyway. */
const CHECKED_DEPTH = MAX_ITEM_DEPTH + 8;

const QUOTE = 0x22;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
/** Makes a bracket of a brace: in ASCII they differ in this bit alone. */
const BRACKET_MASK = 0xdf;

/** What `behindString` adds to the chunk's end when the string goes on in the next chunk. */
const GOES_ON = 1;
const ENDS_IN_ESCAPE = 2;

/** The offset behind the closing quote. Most bytes of an event are read here, so four at a time. */
function behindString(chunk: Uint8Array, from: number, end: number): number {
  let at = from;
  const lastFour = end - 4;
  while (at <= lastFour) {
    const first = chunk[at] as number;
    if (first === QUOTE) return at + 1;
    if (first === BACKSLASH) {
      at += 2;
      continue;
    }
    const second = chunk[at + 1] as number;
    if (second === QUOTE) return at + 2;
    if (second === BACKSLASH) {
      at += 3;
      continue;
    }
    const third = chunk[at + 2] as number;
    if (third === QUOTE) return at + 3;
    if (third === BACKSLASH) {
      at += 4;
      continue;
    }
    const fourth = chunk[at + 3] as number;
    if (fourth === QUOTE) return at + 4;
    at += fourth === BACKSLASH ? 5 : 4;
  }
  while (at < end) {
    const byte = chunk[at] as number;
    at += 1;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return at > end ? end + ENDS_IN_ESCAPE : end + GOES_ON;
}

/** A number or a word ends where something else begins; the byte behind it is not consumed. */
function walkScalar(chunk: Uint8Array, from: number): number {
  for (let at = from; at < chunk.length; at += 1) if (ENDS_SCALAR[chunk[at] as number] === 1) return at;
  return CHUNK_ENDED;
}

const ENDS_SCALAR = new Uint8Array(256);
for (const character of ',:]}[{" \t\r\n') ENDS_SCALAR[character.charCodeAt(0)] = 1;
