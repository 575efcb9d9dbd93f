/**
 * The memory that request bodies may hold together. Bounding the sum, and not each body, lets one cluster send its
 * 48 MB batch and keeps sixteen of them from filling the machine. One cluster gets half of it, or as much as one body may
 * have: who announces bodies and never sends them cannot shut the others out.
 */
export class BytesInFlight {
  readonly #maxBytes: number;
  readonly #maxBytesOfOne: number;
  #heldBytes = 0;
  readonly #heldBy = new Map<string, number>();

  constructor(maxBytes: number, maxBodyBytes: number = maxBytes) {
    this.#maxBytes = maxBytes;
    this.#maxBytesOfOne = Math.max(maxBytes / 2, maxBodyBytes);
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** False when the budget, or the share of this cluster, is spent; then nothing is held. */
  tryHold(bytes: number, cluster: string): boolean {
    const held = (this.#heldBy.get(cluster) ?? 0) + bytes;
    if (this.#heldBytes + bytes > this.#maxBytes || held > this.#maxBytesOfOne) return false;
    this.#heldBytes += bytes;
    this.#heldBy.set(cluster, held);
    return true;
  }

  release(bytes: number, cluster: string): void {
    this.#heldBytes -= bytes;
    const held = (this.#heldBy.get(cluster) ?? 0) - bytes;
    if (held > 0) this.#heldBy.set(cluster, held);
    else this.#heldBy.delete(cluster);
  }
}
