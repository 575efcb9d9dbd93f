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
 * Where the part of a file is that a path such as `rules[3].resources[0].verbs` names: the key of a field, the whole of
 * a list's item. Of a path that goes on after the file has ended, the deepest part that there is.
 */
export function findPlace(root: Data, path: string): Place {
  return find(root, path).place;
}

/** The same, with its end; of a field the value rather than the key. */
export function findSpan(root: Data, path: string): Data {
  return find(root, path).value;
}

function find(root: Data, path: string): Found {
  let found: Found = { value: root, place: root.place };
  for (const [, key, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    const next = index === undefined ? entryOf(found.value, key ?? '') : itemOf(found.value, Number(index));
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

interface Found {
  readonly value: Data;
  readonly place: Place;
}

function entryOf(data: Data, key: string): Found | undefined {
  const entry = data.kind === 'object' ? data.entries.findLast((candidate) => candidate.key === key) : undefined;
  return entry && { value: entry.value, place: entry.keyPlace };
}

function itemOf(data: Data, index: number): Found | undefined {
  const item = data.kind === 'array' ? data.items[index] : undefined;
  return item && { value: item, place: item.place };
}
