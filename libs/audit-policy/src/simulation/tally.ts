/** What adds up about a key: a level, a resource, a verb, a user, a rule. */
export interface Sums {
  events: number;
  /** Bytes of JSON, as far as they are known. */
  bytes: number;
  /** Events that would hold a body that was not recorded, and be larger than the bytes say. */
  unknownBodies: number;
}

export interface TallyRow extends Readonly<Sums> {
  readonly key: string;
}

/**
 * Sums by key for keys that anybody can choose: never more than `2 × limit` of them are held. When there are, the
 * smaller half is added up as "others", so that one that grows late still finds room.
 */
export class Tally {
  readonly #limit: number;
  #sums = new Map<string, Sums>();
  readonly #others: Sums = emptySums();
  #othersKeys = 0;

  constructor(limit = 5_000) {
    this.#limit = limit;
  }

  add(key: string, bytes: number, unknownBody: boolean): void {
    const short = key.length > MAX_KEY_CHARACTERS ? `${key.slice(0, MAX_KEY_CHARACTERS)}…` : key;
    let sums = this.#sums.get(short);
    if (sums === undefined) {
      if (this.#sums.size >= 2 * this.#limit) this.#makeRoom();
      sums = emptySums();
      this.#sums.set(short, sums);
    }
    sums.events++;
    sums.bytes += bytes;
    if (unknownBody) sums.unknownBodies++;
  }

  /** The largest first; what is not among the `count` is summed up in `others`. */
  top(count: number): { readonly rows: readonly TallyRow[]; readonly others: Readonly<Sums> & { readonly keys: number } } {
    const sorted = this.#sorted();
    const others = { ...this.#others };
    for (const [, sums] of sorted.slice(count)) addTo(others, sums);
    return {
      rows: sorted.slice(0, count).map(([key, sums]) => ({ key, ...sums })),
      others: { ...others, keys: this.#othersKeys + Math.max(0, sorted.length - count) },
    };
  }

  #makeRoom(): void {
    const sorted = this.#sorted();
    for (const [, sums] of sorted.slice(this.#limit)) addTo(this.#others, sums);
    this.#othersKeys += sorted.length - this.#limit;
    this.#sums = new Map(sorted.slice(0, this.#limit));
  }

  #sorted(): [string, Sums][] {
    return [...this.#sums].sort(([keyA, a], [keyB, b]) => b.events - a.events || (keyA < keyB ? -1 : 1));
  }
}

/** User names and paths have no limit of their own. */
const MAX_KEY_CHARACTERS = 200;

function emptySums(): Sums {
  return { events: 0, bytes: 0, unknownBodies: 0 };
}

function addTo(target: Sums, sums: Sums): void {
  target.events += sums.events;
  target.bytes += sums.bytes;
  target.unknownBodies += sums.unknownBodies;
}
