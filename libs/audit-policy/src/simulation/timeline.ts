/** Events over time in a bounded number of buckets, whatever the span of the recording and its order. */
export interface Timeline {
  readonly startMs: number;
  readonly bucketMs: number;
  /** Consecutive buckets from `startMs` on. */
  readonly buckets: readonly { readonly all: number; readonly kept: number; readonly keptByOther: number }[];
}

interface Bucket {
  all: number;
  kept: number;
  keptByOther: number;
}

/** Buckets are a second wide at first and double in width whenever there would be more than `maxBuckets`. */
export class TimelineBuilder {
  readonly #maxBuckets: number;
  #bucketMs = 1_000;
  #buckets = new Map<number, Bucket>();
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  constructor(maxBuckets = 60) {
    this.#maxBuckets = maxBuckets;
  }

  add(timeMs: number, kept: boolean, keptByOther: boolean): void {
    if (!Number.isFinite(timeMs)) return;
    this.#widenFor(timeMs);
    const index = Math.floor(timeMs / this.#bucketMs);
    let bucket = this.#buckets.get(index);
    if (bucket === undefined) {
      bucket = { all: 0, kept: 0, keptByOther: 0 };
      this.#buckets.set(index, bucket);
    }
    bucket.all++;
    if (kept) bucket.kept++;
    if (keptByOther) bucket.keptByOther++;
  }

  build(): Timeline | undefined {
    if (this.#buckets.size === 0) return undefined;
    const first = Math.floor(this.#first / this.#bucketMs);
    const count = Math.floor(this.#last / this.#bucketMs) - first + 1;
    const buckets = Array.from({ length: count }, (_, offset) => this.#buckets.get(first + offset) ?? { all: 0, kept: 0, keptByOther: 0 });
    return { startMs: first * this.#bucketMs, bucketMs: this.#bucketMs, buckets };
  }

  #widenFor(timeMs: number): void {
    this.#first = Math.min(this.#first, timeMs);
    this.#last = Math.max(this.#last, timeMs);
    while (Math.floor(this.#last / this.#bucketMs) - Math.floor(this.#first / this.#bucketMs) >= this.#maxBuckets) {
      this.#bucketMs *= 2;
      const merged = new Map<number, Bucket>();
      for (const [index, bucket] of this.#buckets) {
        const target = merged.get(Math.floor(index / 2));
        if (target === undefined) merged.set(Math.floor(index / 2), bucket);
        else {
          target.all += bucket.all;
          target.kept += bucket.kept;
          target.keptByOther += bucket.keptByOther;
        }
      }
      this.#buckets = merged;
    }
  }
}
