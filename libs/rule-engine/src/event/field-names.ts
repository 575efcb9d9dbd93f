import { type ByteString, FOLD, foldCase, regionEqualsCaseless } from '../byte-string.ts';

/**
 * The field names that rules ask for, each with a number. Names compare without ASCII case (decoder.c, FindField). They are
 * looked up along the way through the document, one object at a time, so that no path has to be put together for it.
 */
export interface FieldNames {
  readonly root: NamePlace;
  readonly count: number;
  numberOf(name: ByteString): number;
}

export function createFieldNames(names: Iterable<ByteString>): FieldNames {
  const numbers = new Map<ByteString, number>();
  for (const name of names) if (!numbers.has(foldCase(name))) numbers.set(foldCase(name), numbers.size);
  const root = new NamePlace();
  const places = new Map<ByteString, NamePlace>();
  for (const [name, number] of numbers) addWays(root, places, name).number = number;
  return { root, count: numbers.size, numberOf: (name) => numbers.get(foldCase(name)) ?? -1 };
}

/** More parts than any document has objects within each other, and few enough that all ways between them can be laid out. */
export const MAX_NAME_PARTS = 100;

/**
 * `a.b` may be the key "a.b" as well as "b" in "a": from every dot of a name a way leads to every later one. Where one is depends
 * only on the beginning of the name that is behind, however it was cut; so each beginning has one place.
 */
function addWays(root: NamePlace, places: Map<ByteString, NamePlace>, name: ByteString): NamePlace {
  const placeAfter = (beginning: ByteString): NamePlace => {
    const place = places.get(beginning) ?? new NamePlace();
    places.set(beginning, place);
    return place;
  };
  const ends = [...name.matchAll(/\./g)].map(({ index }) => index);
  ends.push(name.length);
  for (const [from, start] of [0, ...ends.slice(0, -1).map((dot) => dot + 1)].entries()) {
    const place = from === 0 ? root : placeAfter(name.slice(0, start - 1));
    for (const end of ends.slice(from)) place.open(name.slice(start, end), placeAfter(name.slice(0, end)));
  }
  return placeAfter(name);
}

const BUCKETS = 128;

/** The way so far: `objectRef`, say. */
export class NamePlace {
  /** The number of the name that ends here, or -1. */
  number = -1;
  /** By length, first and last byte of the key. */
  private readonly buckets: ({ readonly key: ByteString; readonly place: NamePlace }[] | undefined)[] = new Array(BUCKETS).fill(undefined);

  /** The place after one more key, which stands in `text` from `start` to `end`; undefined when no name goes on this way. */
  below(text: ByteString, start: number, end: number): NamePlace | undefined {
    const bucket = this.buckets[bucketOf(text, start, end)];
    if (bucket === undefined) return undefined;
    for (const { key, place } of bucket) if (key.length === end - start && regionEqualsCaseless(text, start, key)) return place;
    return undefined;
  }

  /** Lays the way from here by this key; it is there already when another name has the same beginning. */
  open(key: ByteString, place: NamePlace): void {
    if (this.below(key, 0, key.length) !== undefined) return;
    const index = bucketOf(key, 0, key.length);
    this.buckets[index] = [...(this.buckets[index] ?? []), { key, place }];
  }
}

function bucketOf(text: ByteString, start: number, end: number): number {
  if (end <= start) return 0;
  const first = FOLD[text.charCodeAt(start)] as number;
  const last = FOLD[text.charCodeAt(end - 1)] as number;
  return ((end - start) * 31 + first * 7 + last) % BUCKETS;
}
