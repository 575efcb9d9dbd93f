import type { Data, Place } from '../go-json/data.ts';

/** A policy file as it was written, for whoever has to point into it. */
export interface PolicySource {
  /** kube-apiserver takes a text that starts with a brace for JSON. */
  readonly format: 'yaml' | 'json';
  /** Aliases followed, merge keys merged, keys of objects sorted (YAML) or in order (JSON). */
  readonly root: Data;
  /** Where a second YAML document starts: nothing from there on is read. */
  readonly more: Place | undefined;
}

/**
 * Where the part of a file is that a path such as `rules[3].resources[0].verbs` names. Of a path that goes on after
 * the file has ended, the deepest part that there is.
 */
export function findPlace(root: Data, path: string): Place {
  let found: Data = root;
  let place = root.place;
  for (const [, key, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    const next: { readonly value: Data; readonly place: Place } | undefined =
      index === undefined ? entryOf(found, key ?? '') : itemOf(found, Number(index));
    if (next === undefined) return place;
    found = next.value;
    place = next.place;
  }
  return place;
}

function entryOf(data: Data, key: string): { readonly value: Data; readonly place: Place } | undefined {
  const entry = data.kind === 'object' ? data.entries.findLast((candidate) => candidate.key === key) : undefined;
  return entry && { value: entry.value, place: entry.keyPlace };
}

function itemOf(data: Data, index: number): { readonly value: Data; readonly place: Place } | undefined {
  const item = data.kind === 'array' ? data.items[index] : undefined;
  return item && { value: item, place: item.place };
}
