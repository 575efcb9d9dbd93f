/**
 * The bytes of something that began in an earlier chunk, up to a limit; above it only their number is kept.
 * Used for a document that may turn out to be a single event, and for the document's own keys.
 */
export class KeptBytes {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #byteLength = 0;
  #open = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get open(): boolean {
    return this.#open;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  begin(): void {
    this.#pieces = [];
    this.#byteLength = 0;
    this.#open = true;
  }

  forget(): void {
    this.#pieces = [];
    this.#open = false;
  }

  add(piece: Buffer): void {
    if (!this.#open) return;
    this.#byteLength += piece.length;
    if (this.#byteLength > this.#maxBytes) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  /** Undefined when it was too long. One piece is given back as it is, without a copy. */
  take(): Buffer | undefined {
    this.#open = false;
    if (this.#byteLength > this.#maxBytes) return undefined;
    const [only] = this.#pieces;
    return only !== undefined && this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces);
  }
}
