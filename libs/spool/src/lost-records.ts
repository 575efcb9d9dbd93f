/** Which positions hold no record any more, as ranges: what is undelivered must not count them. */
export class LostRecords {
  #ranges: { readonly from: number; readonly to: number }[] = [];
  #total = 0;

  /** Both ends belong to it. Returns how many of them were not known. */
  add(from: number, to: number): number {
    if (to < from) return 0;
    const added = to - from + 1 - this.countBetween(from, to);
    const apart = this.#ranges.filter((range) => range.to < from - 1 || range.from > to + 1);
    const touching = this.#ranges.filter((range) => range.to >= from - 1 && range.from <= to + 1);
    const merged = { from: Math.min(from, ...touching.map((each) => each.from)), to: Math.max(to, ...touching.map((each) => each.to)) };
    this.#ranges = [...apart, merged].sort((a, b) => a.from - b.from);
    this.#total += added;
    return added;
  }

  get total(): number {
    return this.#total;
  }

  /** How many of the positions from `from` to `to`, both included. */
  countBetween(from: number, to: number): number {
    return this.#ranges.reduce((sum, range) => sum + Math.max(0, Math.min(to, range.to) - Math.max(from, range.from) + 1), 0);
  }
}
