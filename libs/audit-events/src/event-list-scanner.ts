import { kindFault } from './document-kind.ts';
import { ItemCollector } from './item-collector.ts';
import { type ScannerOptions, scanEvent } from './item-judgement.ts';
import { decodeJson } from './item-members.ts';
import { KeptBytes } from './kept-bytes.ts';
import { DEFAULT_MAX_ITEM_BYTES, type ScanEnd, type ScannedItem } from './scanned-item.ts';
import { CHUNK_ENDED, ValueWalker } from './value-walker.ts';

/**
 * Cuts the raw events out of an EventList while it arrives. A single Event is a list of one.
 *
 * The document's own keys are walked in any order, and `items` is only ever the document's own, never one inside a body.
 * Nothing but the event in hand is kept, so memory does not grow with the list. Chunks may end anywhere, inside an escape too.
 * A document that breaks at item n has given out the items before n; what was given out stays given out.
 *
 *     const scanner = new EventListScanner();
 *     for await (const chunk of request) store(scanner.push(chunk));
 *     answer(scanner.end());
 */
export class EventListScanner {
  readonly #options: ScannerOptions;
  readonly #collector: ItemCollector;
  readonly #walker = new ValueWalker();
  /** The whole document, as long as it may still be a single event. */
  readonly #document: KeptBytes;
  /** A key of the document, or the value of its `kind`, `apiVersion` or odd `items`. */
  readonly #text = new KeptBytes(MAX_TEXT_BYTES);

  #place: Place = 'before the document';
  #byteOrderMarkBytes = 0;
  #key: string | undefined;
  #kind: string | undefined;
  #apiVersion: string | undefined;
  #listSeen = false;
  #fault: string | undefined;
  #events = 0;
  #refused = 0;
  #found: ScannedItem[] = [];
  /** Where the document, a text or an item began in this chunk; 0 when in an earlier one. */
  #documentFrom = 0;
  #textFrom = 0;
  #itemFrom = 0;

  constructor(options: ScannerOptions = {}) {
    this.#options = options;
    this.#collector = new ItemCollector(options);
    this.#document = new KeptBytes(options.maxItemBytes ?? DEFAULT_MAX_ITEM_BYTES);
  }

  /** The items that end in this chunk. Their bytes may be slices of it. */
  push(chunk: Uint8Array): readonly ScannedItem[] {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#found = [];
    this.#documentFrom = 0;
    this.#textFrom = 0;
    this.#itemFrom = 0;
    let at = 0;
    while (at < bytes.length && this.#fault === undefined) at = this.#step(bytes, at);
    if (this.#document.open) this.#document.add(bytes.subarray(this.#documentFrom));
    if (this.#text.open) this.#text.add(bytes.subarray(this.#textFrom));
    return this.#found;
  }

  /** Call once, behind the last chunk. */
  end(): ScanEnd {
    const reason = this.#fault ?? (this.#place === 'behind the document' ? undefined : `ends ${this.#place}${this.#where()}`);
    const counts = { items: this.#events, refused: this.#refused };
    if (reason !== undefined) return { kind: this.#events > 0 ? 'broken' : 'no-event', ...counts, reason };
    return { kind: this.#listSeen ? 'list' : 'event', ...counts };
  }

  /** Reads one thing, or as much of it as the chunk holds; returns the offset behind it. */
  #step(chunk: Buffer, at: number): number {
    const place = this.#place;
    if (place === 'in an item') return this.#readItem(chunk, at);
    if (place === 'in a key' || place === 'in a value') return this.#readText(chunk, at);
    const byte = chunk[at] as number;
    if (isWhiteSpace(byte)) return at + 1;
    switch (place) {
      case 'before the document':
        return this.#beginDocument(at, byte);
      case 'before the first key':
        return byte === CLOSING_BRACE ? this.#endDocument(chunk, at + 1) : this.#beginKey(at, byte);
      case 'before a key':
        return this.#beginKey(at, byte);
      case 'behind a key':
        return byte === COLON ? this.#enter('before a value', at + 1) : this.#break('no colon behind a key', at);
      case 'before a value':
        return this.#beginValue(at, byte);
      case 'behind a value':
        if (byte === CLOSING_BRACE) return this.#endDocument(chunk, at + 1);
        return byte === COMMA ? this.#enter('before a key', at + 1) : this.#break('no comma behind a value', at);
      case 'before the first item':
        return byte === CLOSING_BRACKET ? this.#enter('behind a value', at + 1) : this.#beginItem(at, byte);
      case 'before an item':
        return this.#beginItem(at, byte);
      case 'behind an item':
        if (byte === CLOSING_BRACKET) return this.#enter('behind a value', at + 1);
        return byte === COMMA ? this.#enter('before an item', at + 1) : this.#break(`no comma behind an item${this.#where()}`, at);
      case 'behind the document':
        return this.#break('text behind the document', at);
    }
  }

  #beginDocument(at: number, byte: number): number {
    if (byte === BYTE_ORDER_MARK[this.#byteOrderMarkBytes]) {
      // Go writes none, but an export that went through an editor may begin with one.
      this.#byteOrderMarkBytes += 1;
      return at + 1;
    }
    const halfMark = this.#byteOrderMarkBytes % BYTE_ORDER_MARK.length !== 0;
    if (byte !== OPENING_BRACE || halfMark) return this.#break('not a JSON object', at);
    this.#document.begin();
    this.#documentFrom = at;
    return this.#enter('before the first key', at + 1);
  }

  #beginKey(at: number, byte: number): number {
    if (byte !== QUOTE) return this.#break('no key where one must be', at);
    return this.#beginText(at, byte, 'in a key', true);
  }

  #beginValue(at: number, byte: number): number {
    if (NO_VALUE.has(byte)) return this.#break('no value where one must be', at);
    // A body is none of the document's keys, and an Event has no items: under another kind they are not ours to read.
    if (this.#key === 'items' && byte === OPENING_BRACKET && this.#kind !== 'Event') {
      const fault = kindFault(this.#kind, this.#apiVersion);
      if (fault !== undefined) return this.#break(fault, at);
      this.#listSeen = true;
      this.#document.forget();
      return this.#enter('before the first item', at + 1);
    }
    return this.#beginText(at, byte, 'in a value', KEPT_VALUES.has(this.#key));
  }

  #beginText(at: number, byte: number, place: Place, kept: boolean): number {
    this.#walker.begin(byte);
    if (kept) this.#text.begin();
    this.#textFrom = at;
    return this.#enter(place, at);
  }

  #readText(chunk: Buffer, at: number): number {
    const end = this.#walker.walk(chunk, at);
    if (end === CHUNK_ENDED) return chunk.length;
    if (end < 0) return this.#break('brackets do not match', at);
    let value: unknown;
    if (this.#text.open) {
      this.#text.add(chunk.subarray(this.#textFrom, end));
      const bytes = this.#text.take();
      value = bytes === undefined ? undefined : decodeJson(bytes);
    }
    if (this.#place === 'in a key') {
      this.#key = typeof value === 'string' ? value : undefined;
      return this.#enter('behind a key', end);
    }
    if (this.#key === 'kind') this.#kind = String(value);
    else if (this.#key === 'apiVersion') this.#apiVersion = String(value);
    else if (this.#key === 'items' && this.#kind !== 'Event') {
      // Go writes an empty list as null.
      if (value !== null) return this.#break('items is not a list', at);
      this.#listSeen = true;
      this.#document.forget();
    }
    return this.#enter('behind a value', end);
  }

  #beginItem(at: number, byte: number): number {
    if (NO_VALUE.has(byte)) return this.#break(`no item where one must be${this.#where()}`, at);
    this.#collector.begin(byte);
    this.#itemFrom = at;
    return this.#enter('in an item', at);
  }

  #readItem(chunk: Buffer, at: number): number {
    const end = this.#collector.collect(chunk, at);
    if (end === CHUNK_ENDED) return chunk.length;
    if (end < 0) return this.#break(`brackets do not match${this.#where()}`, at);
    this.#give(this.#collector.finish(chunk, this.#itemFrom, end, this.#events + this.#refused));
    return this.#enter('behind an item', end);
  }

  #endDocument(chunk: Buffer, end: number): number {
    this.#place = 'behind the document';
    if (!this.#listSeen && this.#kind === 'EventList') this.#listSeen = true;
    const fault = kindFault(this.#kind, this.#apiVersion);
    if (fault !== undefined) return this.#break(fault, end);
    if (this.#listSeen || !this.#document.open) return end;
    this.#document.add(chunk.subarray(this.#documentFrom, end));
    const { byteLength } = this.#document;
    const document = this.#document.take();
    if (document === undefined) return this.#break(`a single event of ${byteLength} bytes is too large`, end);
    const item = scanEvent(document, this.#options);
    if (item.kind === 'refused' && this.#kind === undefined) return this.#break('neither a list of events nor an event', end);
    this.#give(item);
    return end;
  }

  #give(item: ScannedItem): void {
    if (item.kind === 'event') this.#events += 1;
    else this.#refused += 1;
    this.#found.push(item);
  }

  #enter(place: Place, at: number): number {
    this.#place = place;
    return at;
  }

  #break(fault: string, at: number): number {
    this.#fault = fault;
    this.#document.forget();
    this.#text.forget();
    return at;
  }

  #where(): string {
    return this.#place.includes('item') ? ` (number ${this.#events + this.#refused})` : '';
  }
}

/** Where the reader stands; the words end the sentence of a document that stops there. */
type Place =
  | 'before the document'
  | 'before the first key'
  | 'before a key'
  | 'in a key'
  | 'behind a key'
  | 'before a value'
  | 'in a value'
  | 'behind a value'
  | 'before the first item'
  | 'before an item'
  | 'in an item'
  | 'behind an item'
  | 'behind the document';

function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The document's keys and kinds are short; a longer one is none that matters here. */
const MAX_TEXT_BYTES = 256;

const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const NO_VALUE: ReadonlySet<number> = new Set([COMMA, COLON, CLOSING_BRACKET, CLOSING_BRACE]);
const KEPT_VALUES: ReadonlySet<string | undefined> = new Set(['kind', 'apiVersion', 'items']);
