import { type ByteString, foldCase } from '../byte-string.ts';

/**
 * The field names that rules ask for, each with a number. Names compare without ASCII case (decoder.c, FindField). They are
 * looked up along the way through the document, one object at a time, so that no path has to be put together for it.
 */
export interface FieldNames {
  readonly root: NamePlace;
  readonly count: number;
  numberOf(name: ByteString): number;
}

/** The way so far: `objectRef`, say. */
export interface NamePlace {
  /** The number of the name that ends here, or -1. */
  readonly number: number;
  /** The place after one more key; undefined when no name goes on this way. */
  below(key: ByteString): NamePlace | undefined;
}

export function createFieldNames(names: Iterable<ByteString>): FieldNames {
  const numbers = new Map<ByteString, number>();
  for (const name of names) if (!numbers.has(foldCase(name))) numbers.set(foldCase(name), numbers.size);
  // `a.b` may be the key "a.b" as well as "b" in "a": every part of a name that ends before a dot is a way to go.
  const ways = new Set<ByteString>();
  for (const name of numbers.keys()) {
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) ways.add(name.slice(0, dot));
  }
  return {
    root: createPlace('', undefined, numbers, ways),
    count: numbers.size,
    numberOf: (name) => numbers.get(foldCase(name)) ?? -1,
  };
}

/** Keys remembered in one place. Keys come from events: an attacker can make them up, so they must not fill the memory. */
const MAX_REMEMBERED_KEYS = 512;

function createPlace(
  path: ByteString,
  number: number | undefined,
  numbers: ReadonlyMap<ByteString, number>,
  ways: ReadonlySet<ByteString>,
): NamePlace {
  const remembered = new Map<ByteString, NamePlace | undefined>();
  const isRoot = path === '' && number === undefined;
  return {
    number: number ?? -1,
    below(key) {
      const known = remembered.get(key);
      if (known !== undefined || remembered.has(key)) return known;
      const next = isRoot ? foldCase(key) : `${path}.${foldCase(key)}`;
      const goesOn = numbers.has(next) || ways.has(next);
      const place = goesOn ? createPlace(next, numbers.get(next) ?? -1, numbers, ways) : undefined;
      // Keys on the way of a name differ only in case; the others are cheap to look up again.
      if (goesOn || remembered.size < MAX_REMEMBERED_KEYS) remembered.set(key, place);
      return place;
    },
  };
}
