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
  for (const [name, number] of numbers) addWays(root, name, number);
  return { root, count: numbers.size, numberOf: (name) => numbers.get(foldCase(name)) ?? -1 };
}

/** `a.b` may be the key "a.b" as well as "b" in "a": every part of a name that ends before a dot is a way to go. */
function addWays(place: NamePlace, rest: ByteString, number: number): void {
  place.open(rest).number = number;
  for (let dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.', dot + 1))
    addWays(place.open(rest.slice(0, dot)), rest.slice(dot + 1), number);
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

  /** The place after this key, made if need be. */
  open(key: ByteString): NamePlace {
    const known = this.below(key, 0, key.length);
    if (known !== undefined) return known;
    const place = new NamePlace();
    const index = bucketOf(key, 0, key.length);
    this.buckets[index] = [...(this.buckets[index] ?? []), { key, place }];
    return place;
  }
}

function bucketOf(text: ByteString, start: number, end: number): number {
  if (end <= start) return 0;
  const first = FOLD[text.charCodeAt(start)] as number;
  const last = FOLD[text.charCodeAt(end - 1)] as number;
  return ((end - start) * 31 + first * 7 + last) % BUCKETS;
}
