/** One synced write, still in memory: frames from `firstPosition` to `lastPosition`, back to back. */
export interface WrittenGroup {
  readonly firstPosition: number;
  readonly lastPosition: number;
  readonly frames: Buffer;
}

/**
 * The newest records, as they were written: a reader that keeps up takes them from here and never asks the disk.
 * Bounded; the oldest go first. A group's bytes are never written again, so a reader may keep slices of them.
 */
export class TailMemory {
  readonly #maxBytes: number;
  #groups: (WrittenGroup | undefined)[] = [];
  /** Groups before it are forgotten, and their bytes free; the array is cut now and then, not at each group. */
  #head = 0;
  #bytes = 0;
  #arena: Buffer = Buffer.alloc(0);
  #arenaUsed = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Room to encode a group in. Small groups share a buffer: an allocation a group is felt at one event a request. */
  allocate(bytes: number): Buffer {
    if (bytes > ARENA_BYTES / 4) return Buffer.allocUnsafeSlow(bytes);
    if (this.#arenaUsed + bytes > this.#arena.byteLength) {
      this.#arena = Buffer.allocUnsafeSlow(ARENA_BYTES);
      this.#arenaUsed = 0;
    }
    this.#arenaUsed += bytes;
    return this.#arena.subarray(this.#arenaUsed - bytes, this.#arenaUsed);
  }

  push(group: WrittenGroup): void {
    this.#groups.push(group);
    this.#bytes += group.frames.byteLength;
    while (this.#bytes > this.#maxBytes && this.#head < this.#groups.length) {
      this.#bytes -= (this.#groups[this.#head] as WrittenGroup).frames.byteLength;
      this.#groups[this.#head] = undefined;
      this.#head++;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#groups.length) {
      this.#groups = this.#groups.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The group that holds the position. */
  find(position: number): WrittenGroup | undefined {
    let [low, high] = [this.#head, this.#groups.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#groups[middle] as WrittenGroup).lastPosition < position) low = middle + 1;
      else high = middle;
    }
    const group = this.#groups[low];
    return group !== undefined && group.firstPosition <= position ? group : undefined;
  }
}

const ARENA_BYTES = 1 << 20;
