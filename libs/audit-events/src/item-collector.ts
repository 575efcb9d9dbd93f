import { createHash, type Hash } from 'node:crypto';
import { judgeItem, type ScannerOptions } from './item-judgement.ts';
import { DEFAULT_MAX_ITEM_BYTES, type ScannedItem } from './scanned-item.ts';
import { CHUNK_ENDED, ValueWalker } from './value-walker.ts';
import { BODY_MEMBERS, OMITTED_BODY } from './without-bodies.ts';

/**
 * Gathers one item from the chunks that it spans and keeps it within its limit: when it grows over `maxItemBytes` inside a
 * body, that body is dropped as it arrives and the rest of the event is kept. Refusing the whole event would let anyone
 * hide a request by making it long: 3 MiB of `<` in a patch become 18 MiB in the event.
 */
export class ItemCollector {
  readonly #walker = new ValueWalker();
  readonly #options: ScannerOptions;
  readonly #maxItemBytes: number;

  #pieces: Buffer[] = [];
  #keptBytes = 0;
  #byteLength = 0;
  #dropped: string[] = [];
  #skipsBody = false;
  #hopeless = false;
  #hash: Hash | undefined;

  constructor(options: ScannerOptions) {
    this.#options = options;
    this.#maxItemBytes = options.maxItemBytes ?? DEFAULT_MAX_ITEM_BYTES;
  }

  begin(first: number): void {
    this.#walker.begin(first);
    if (this.#byteLength === 0) return;
    this.#pieces = [];
    this.#keptBytes = 0;
    this.#byteLength = 0;
    this.#dropped = [];
    this.#skipsBody = false;
    this.#hopeless = false;
    this.#hash = undefined;
  }

  /** The offset behind the item, or what `ValueWalker.walk` says instead. */
  collect(chunk: Buffer, from: number): number {
    this.#walker.base = this.#keptBytes - from;
    const end = this.#walker.walk(chunk, from, this.#skipsBody ? 1 : 0);
    if (end === CHUNK_ENDED) {
      this.#take(chunk.subarray(from));
      if (this.#keptBytes > this.#maxItemBytes) this.#dropBody();
      return end;
    }
    if (end < 0 || (!this.#skipsBody && this.#byteLength === 0)) return end;
    this.#take(chunk.subarray(from, end));
    if (!this.#skipsBody) return end;
    this.#skipsBody = false;
    return this.collect(chunk, end);
  }

  /** The item that `collect` found to end at `end`; `from` is where it began when it lies in one chunk. */
  finish(chunk: Buffer, from: number, end: number, index: number): ScannedItem {
    const whole = this.#byteLength === 0;
    const bytes = whole ? chunk.subarray(from, end) : Buffer.concat(this.#pieces);
    if (this.#hopeless) {
      return { kind: 'refused', reason: 'too-large', byteLength: this.#byteLength, sha256: this.#digest(), index };
    }
    const cut =
      this.#dropped.length === 0
        ? undefined
        : { because: 'too-large' as const, members: this.#dropped, byteLength: this.#byteLength, sha256: this.#digest() };
    return judgeItem(bytes, index, this.#walker, this.#options, cut);
  }

  #take(piece: Buffer): void {
    this.#byteLength += piece.length;
    this.#hash?.update(piece);
    if (this.#skipsBody || this.#hopeless) return;
    this.#pieces.push(piece);
    this.#keptBytes += piece.length;
  }

  #dropBody(): void {
    const { members, depth } = this.#walker;
    // Between two members there is nothing to drop yet; a value that is one endless string never gets past this line.
    if (depth <= 1 && this.#keptBytes <= 2 * this.#maxItemBytes) return;
    const kept = Buffer.concat(this.#pieces);
    this.#hash ??= createHash('sha256').update(kept);
    const last = members.count - 1;
    const name = BODY_MEMBERS.find((body) => depth > 1 && last >= 0 && !members.overflown && members.hasKey(last, kept, body));
    if (name === undefined) {
      this.#hopeless = true;
      this.#pieces = [];
      return;
    }
    this.#skipsBody = true;
    this.#dropped.push(name);
    // Copied: a slice would hold the megabytes behind it.
    this.#pieces = [Buffer.from(kept.subarray(0, members.valueStart(last))), OMITTED_BODY];
    this.#keptBytes = members.valueStart(last) + OMITTED_BODY.length;
  }

  #digest(): string {
    return (this.#hash ?? createHash('sha256')).digest('hex');
  }
}
