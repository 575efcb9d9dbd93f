/**
 * The memory that request bodies may hold together. Bounding the sum, and not each body, lets one cluster send its
 * 48 MB batch and keeps sixteen of them from filling the machine.
 */
export class BytesInFlight {
  readonly #maxBytes: number;
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** False when the budget is spent; then nothing is held. */
  tryHold(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#maxBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}
