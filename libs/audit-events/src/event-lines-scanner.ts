import { createHash, type Hash } from 'node:crypto';
import { EventListScanner } from './event-list-scanner.ts';
import { type ScannerOptions, scanEvent } from './item-judgement.ts';
import { DEFAULT_MAX_ITEM_BYTES, type ScanEnd, type ScannedItem } from './scanned-item.ts';

/**
 * Cuts the events out of JSON Lines while they arrive: an audit log, whose lines are events, or a recording, whose lines are
 * EventLists. Blank lines are none. A line that is neither is one refused item, whatever it holds; the lines around it are kept.
 *
 * Used like `EventListScanner`.
 */
export class EventLinesScanner {
  readonly #options: ScannerOptions;
  readonly #maxLineBytes: number;
  /** The pieces of a line that is not ended yet; given up, but counted and hashed, when it grows too long to be kept. */
  #pieces: Buffer[] = [];
  #lineBytes = 0;
  #hash: Hash | undefined;
  #events = 0;
  #refused = 0;

  constructor(options: ScannerOptions = {}) {
    this.#options = options;
    this.#maxLineBytes = LINE_BYTES_PER_ITEM_BYTE * (options.maxItemBytes ?? DEFAULT_MAX_ITEM_BYTES);
  }

  /** The items of the lines that end in this chunk. Their bytes may be slices of it. */
  push(chunk: Uint8Array): readonly ScannedItem[] {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const found: ScannedItem[] = [];
    let at = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, at)) {
      this.#give(this.#endLine(bytes.subarray(at, end)), found);
      at = end + 1;
    }
    if (at < bytes.length) this.#keep(bytes.subarray(at));
    return found;
  }

  /** Call once, behind the last chunk. What stands behind the last line feed is no line yet: the source that knows it to be one adds the line feed. */
  end(): ScanEnd {
    const counts = { items: this.#events, refused: this.#refused };
    return this.#lineBytes > 0 ? { kind: 'broken', ...counts, reason: 'ends in the middle of a line' } : { kind: 'list', ...counts };
  }

  #keep(piece: Buffer): void {
    this.#lineBytes += piece.length;
    if (this.#hash === undefined && this.#lineBytes > this.#maxLineBytes) {
      this.#hash = createHash('sha256');
      for (const each of this.#pieces) this.#hash.update(each);
      this.#pieces = [];
    }
    if (this.#hash !== undefined) this.#hash.update(piece);
    else this.#pieces.push(piece);
  }

  /** @returns the items of the line of which this is the last piece */
  #endLine(piece: Buffer): readonly ScannedItem[] {
    const index = this.#events + this.#refused;
    if (this.#lineBytes === 0) return this.#itemsOf(piece, index);
    this.#keep(piece);
    const [pieces, byteLength, hash] = [this.#pieces, this.#lineBytes, this.#hash];
    this.#pieces = [];
    this.#lineBytes = 0;
    this.#hash = undefined;
    if (hash === undefined) return this.#itemsOf(Buffer.concat(pieces, byteLength), index);
    return [{ kind: 'refused', reason: 'too-large', byteLength, sha256: hash.digest('hex'), index }];
  }

  #itemsOf(line: Buffer, index: number): readonly ScannedItem[] {
    if (isBlank(line)) return [];
    const item = scanEvent(line, this.#options, index);
    if (item.kind === 'event' || item.reason !== 'no-audit-id') return [item];
    // An object without an audit ID: an EventList, if it is anything.
    const scanner = new EventListScanner(this.#options);
    const items = scanner.push(line).map((each): ScannedItem => ({ ...each, index: index + each.index }));
    return scanner.end().kind === 'no-event' ? [item] : items;
  }

  #give(items: readonly ScannedItem[], found: ScannedItem[]): void {
    for (const item of items) {
      if (item.kind === 'event') this.#events += 1;
      else this.#refused += 1;
      found.push(item);
    }
  }
}

/** An item above the limit loses its bodies, for which it must be held; a line of many times the limit is nothing that an API server writes. */
const LINE_BYTES_PER_ITEM_BYTE = 4;
const LINE_FEED = 0x0a;

function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}
