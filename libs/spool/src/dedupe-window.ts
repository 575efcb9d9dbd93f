/** A content hash cut to 16 bytes: SHA-256 output, so any part of it is evenly spread. */
export const KEY_BYTES = 16;

/** A key as it is kept across a restart. */
export interface DedupeEntry {
  readonly key: Uint8Array;
  /** The record that was first with this key. */
  readonly position: number;
}

/**
 * Remembers which record was first with a key, so that a later one is known as its duplicate, and a record that is
 * handed out again is never its own.
 *
 * Kept for `windowMs`, at most `maxKeys` of them; then the oldest goes first. Memory: about 45 bytes a key in flat
 * arrays that double as needed (48 MB at a million); a Map of a million keys takes over 150 MB and long collections.
 */
export class DedupeWindow {
  readonly windowMs: number;
  readonly maxKeys: number;
  readonly #nowMs: () => number;
  /** A ring: the entry of sequence number n stands at n modulo the capacity. */
  #capacity = 1024;
  #keys: Buffer = Buffer.alloc(this.#capacity * KEY_BYTES);
  #positions = new Float64Array(this.#capacity);
  #times = new Float64Array(this.#capacity);
  /** Open addressing with linear probing; a slot holds a ring index + 1, 0 is free. */
  #slots = new Int32Array(this.#capacity * 2);
  #oldest = 0;
  #next = 0;
  #evictedEarly = 0;

  /** @param nowMs a clock that never goes back (`performance.now`): a stepped wall clock must not forget or keep keys */
  constructor(options: { readonly windowMs: number; readonly maxKeys: number; readonly nowMs: () => number }) {
    this.windowMs = options.windowMs;
    this.maxKeys = options.maxKeys;
    this.#nowMs = options.nowMs;
  }

  /** `duplicate`: an earlier record had this key. Otherwise the key is remembered with this position. */
  admit(key: Uint8Array, position: number): 'first' | 'duplicate' {
    return this.#admit(key, position, this.#nowMs());
  }

  /** Puts back what a restart recovered, oldest first. `ageMs`: how long ago it was admitted. */
  restore(entry: DedupeEntry, ageMs: number): void {
    if (ageMs <= this.windowMs) this.#admit(entry.key, entry.position, this.#nowMs() - Math.max(0, ageMs));
  }

  get size(): number {
    return this.#next - this.#oldest;
  }

  /** Keys that were forgotten within their time because there were too many: the window is too small for the load. */
  get evictedEarly(): number {
    return this.#evictedEarly;
  }

  /** The sequence number that the next new key will have. */
  get nextSequence(): number {
    return this.#next;
  }

  /**
   * The entries from a sequence number on, in the order of admission, up to the first whose record is behind
   * `upToPosition`. `next`: where the following call goes on.
   */
  entriesFrom(
    sequence: number,
    upToPosition: number,
    maxEntries: number,
  ): { readonly entries: readonly DedupeEntry[]; readonly next: number } {
    const entries: DedupeEntry[] = [];
    let at = Math.max(sequence, this.#oldest);
    for (; at < this.#next && entries.length < maxEntries; at++) {
      const index = at % this.#capacity;
      const position = this.#positions[index] as number;
      if (position > upToPosition) break;
      entries.push({ key: this.#keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES), position });
    }
    return { entries, next: at };
  }

  #admit(key: Uint8Array, position: number, nowMs: number): 'first' | 'duplicate' {
    if (key.byteLength !== KEY_BYTES) throw new RangeError(`a dedupe key has ${KEY_BYTES} bytes, this one ${key.byteLength}`);
    while (this.size > 0 && (this.#times[this.#oldest % this.#capacity] as number) < nowMs - this.windowMs) this.#forgetOldest();
    const slot = this.#slotOf(key);
    const known = (this.#slots[slot] as number) - 1;
    if (known >= 0) {
      if ((this.#positions[known] as number) < position) return 'duplicate';
      this.#positions[known] = position;
      return 'first';
    }
    this.#remember(key, position, nowMs);
    return 'first';
  }

  #remember(key: Uint8Array, position: number, nowMs: number): void {
    if (this.size >= this.maxKeys) {
      this.#forgetOldest();
      this.#evictedEarly++;
    } else if (this.size === this.#capacity) this.#grow();
    const index = this.#next % this.#capacity;
    this.#keys.set(key, index * KEY_BYTES);
    this.#positions[index] = position;
    this.#times[index] = nowMs;
    this.#slots[this.#slotOf(key)] = index + 1;
    this.#next++;
  }

  /** Empties a slot and closes the hole, so that no probe sequence is cut. */
  #forgetOldest(): void {
    const index = this.#oldest % this.#capacity;
    this.#oldest++;
    const mask = this.#slots.length - 1;
    let hole = this.#slotOf(this.#keyAt(index));
    for (let at = (hole + 1) & mask; this.#slots[at] !== 0; at = (at + 1) & mask) {
      const home = this.#homeOf(this.#keyAt((this.#slots[at] as number) - 1));
      // Only an entry whose home is at or before the hole may fill it (cyclically).
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#slots[hole] = this.#slots[at] as number;
      hole = at;
    }
    this.#slots[hole] = 0;
  }

  /** The slot that holds the key, or the free one where it belongs. */
  #slotOf(key: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = this.#homeOf(key);
    for (;;) {
      const index = (this.#slots[slot] as number) - 1;
      if (index < 0 || this.#keys.compare(key, 0, KEY_BYTES, index * KEY_BYTES, (index + 1) * KEY_BYTES) === 0) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #homeOf(key: Uint8Array): number {
    const start = ((key[0] as number) << 24) | ((key[1] as number) << 16) | ((key[2] as number) << 8) | (key[3] as number);
    return start & (this.#slots.length - 1);
  }

  #keyAt(index: number): Buffer {
    return this.#keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES);
  }

  #grow(): void {
    const [keys, positions, times, capacity] = [this.#keys, this.#positions, this.#times, this.#capacity];
    this.#capacity *= 2;
    this.#keys = Buffer.alloc(this.#capacity * KEY_BYTES);
    this.#positions = new Float64Array(this.#capacity);
    this.#times = new Float64Array(this.#capacity);
    this.#slots = new Int32Array(this.#capacity * 2);
    for (let sequence = this.#oldest; sequence < this.#next; sequence++) {
      const [from, to] = [sequence % capacity, sequence % this.#capacity];
      this.#keys.set(keys.subarray(from * KEY_BYTES, (from + 1) * KEY_BYTES), to * KEY_BYTES);
      this.#positions[to] = positions[from] as number;
      this.#times[to] = times[from] as number;
      this.#slots[this.#slotOf(this.#keyAt(to))] = to + 1;
    }
  }
}
