interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Positions that hold no record: lost ones, whose record was acknowledged and is gone, and void ones, that never were
 * acknowledged. What is undelivered must count neither.
 */
export class MissingPositions {
  #ranges: Range[] = [];
  #lostCount = 0;

  /** From the first to the last, both included. Returns how many of them were not known to be missing. */
  addLost(from: number, to: number): number {
    const added = this.#add(from, to);
    this.#lostCount += added;
    return added;
  }

  addVoid(from: number, to: number): void {
    this.#add(from, to);
  }

  get lostCount(): number {
    return this.#lostCount;
  }

  /** How many of the positions from the first to the last, both included, are missing. */
  countBetween(from: number, to: number): number {
    return this.#ranges.reduce((sum, range) => sum + Math.max(0, Math.min(to, range.to) - Math.max(from, range.from) + 1), 0);
  }

  #add(from: number, to: number): number {
    if (to < from) return 0;
    const added = to - from + 1 - this.countBetween(from, to);
    const touches = (range: Range): boolean => range.to >= from - 1 && range.from <= to + 1;
    const touching = this.#ranges.filter(touches);
    const merged = { from: Math.min(from, ...touching.map((each) => each.from)), to: Math.max(to, ...touching.map((each) => each.to)) };
    this.#ranges = [...this.#ranges.filter((range) => !touches(range)), merged].sort((a, b) => a.from - b.from);
    return added;
  }
}
