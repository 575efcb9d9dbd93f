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
  readonly #open = new Uint8Array(CHECKED_DEPTH);

  /** Prepares for a value whose first byte is `first`. */
  begin(first: number): void {
    this.members.clear();
    this.depth = 0;
    this.maxDepth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#inScalar = (CLASS[first] as number) < QUOTE_CLASS;
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
    let inString = this.#inString;
    if (this.#escaped && at < end) {
      at += 1;
      this.#escaped = false;
    }
    while (at < end) {
      if (inString) {
        let byte = 0;
        while (at < end) {
          byte = chunk[at] as number;
          at += 1;
          if (byte === QUOTE) break;
          if (byte === BACKSLASH) {
            if (at === end) this.#escaped = true;
            at += 1;
          }
        }
        if (byte !== QUOTE) break;
        // A quote behind a backslash was stepped over, so this one ends the string.
        inString = false;
        this.#stringEnd = at - 1 + base;
        if (depth <= floor) return this.#stopAt(at, depth);
      }
      while (at < end) {
        const byte = chunk[at] as number;
        const kind = CLASS[byte] as number;
        at += 1;
        if (kind === OTHER_CLASS) continue;
        if (kind === QUOTE_CLASS) {
          inString = true;
          this.#stringStart = at + base;
          break;
        }
        if (kind === COLON_CLASS) {
          if (depth === 1) members.add(this.#stringStart, this.#stringEnd, at + base);
        } else if (kind === OPEN_CLASS) {
          if (depth < CHECKED_DEPTH) open[depth] = byte;
          depth += 1;
          if (depth > this.maxDepth) this.maxDepth = depth;
        } else {
          depth -= 1;
          // In ASCII each closing bracket stands two behind its opening one.
          if (depth < CHECKED_DEPTH && open[depth] !== byte - 2) return MISMATCH;
          if (depth <= floor) return this.#stopAt(at, depth);
        }
      }
    }
    this.depth = depth;
    this.#inString = inString;
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
const BACKSLASH = 0x5c;

const OTHER_CLASS = 0;
const COLON_CLASS = 1;
const QUOTE_CLASS = 2;
const OPEN_CLASS = 3;
const CLOSE_CLASS = 4;

const CLASS = new Uint8Array(256);
for (const [text, kind] of [
  [':', COLON_CLASS],
  ['"', QUOTE_CLASS],
  ['{[', OPEN_CLASS],
  ['}]', CLOSE_CLASS],
] as const) {
  for (const character of text) CLASS[character.charCodeAt(0)] = kind;
}

/** A number or a word ends where something else begins; the byte behind it is not consumed. */
function walkScalar(chunk: Uint8Array, from: number): number {
  for (let at = from; at < chunk.length; at += 1) if (ENDS_SCALAR[chunk[at] as number] === 1) return at;
  return CHUNK_ENDED;
}

const ENDS_SCALAR = new Uint8Array(256);
for (const character of ',:]}[{" \t\r\n') ENDS_SCALAR[character.charCodeAt(0)] = 1;
