import type { JsonObject, JsonValue } from '@k8s-audit/audit-events';
import { cutToBytes } from './json-text.ts';

/**
 * A value as valid JSON of at most `maxBytes`: small fields stay whole, large ones share what is left, and what was left
 * out says so in its place. An object so keeps its name, its kind and its flags when one field of it is a megabyte.
 * Undefined when nothing meaningful fits.
 */
export function shrunkJson(value: JsonValue, maxBytes: number): string | undefined {
  const sizes = new Map<object, number>();
  measure(value, sizes);
  // Sizes are estimates; text in escapes or of other languages may need a second, tighter try.
  for (let budget = maxBytes; budget >= SMALLEST_BYTES; budget = Math.floor(budget * 0.7)) {
    const text = JSON.stringify(shrink(value, budget, sizes));
    if (Buffer.byteLength(text) <= maxBytes) return text;
  }
  return undefined;
}

/** Below this there is room for marks only. */
const SMALLEST_BYTES = 64;

/**
 * Estimated bytes of the JSON text, noted for each object and list, so that the whole costs one walk. What is larger than
 * `MEASURED_BYTES` is not walked to its end: reading a hundred thousand members by name took half a second of everybody's time.
 */
function measure(value: JsonValue | undefined, sizes: Map<object, number>): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return value === undefined ? 0 : 8;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      size += measure(item, sizes) + 1;
      if (size > MEASURED_BYTES) break;
    }
  } else
    for (const key in value) {
      size += measure((value as JsonObject)[key], sizes) + key.length + 4;
      if (size > MEASURED_BYTES) break;
    }
  sizes.set(value, size);
  return size;
}

/** Eight times what both bodies may take together: no difference above it changes what fits. */
const MEASURED_BYTES = 262_144;

function sizeOf(value: JsonValue | undefined, sizes: Map<object, number>): number {
  return typeof value === 'object' && value !== null ? (sizes.get(value) ?? 2) : measure(value, sizes);
}

function shrink(value: JsonValue, budget: number, sizes: Map<object, number>): JsonValue {
  const size = sizeOf(value, sizes);
  if (size <= budget) return value;
  const isMeasured = typeof value !== 'object' || size <= MEASURED_BYTES;
  const mark = isMeasured ? `[trimmed ${size}]` : `[trimmed over ${MEASURED_BYTES}]`;
  if (typeof value === 'string') return budget > mark.length + 8 ? `${cutToBytes(value, budget - mark.length - 2)}${mark}` : mark;
  if (typeof value !== 'object' || value === null || budget < SMALLEST_BYTES) return mark;
  return Array.isArray(value) ? shrinkList(value, budget, sizes) : shrinkObject(value as JsonObject, budget, sizes);
}

/** The first entries of a list, the last of them shortened. */
function shrinkList(list: readonly JsonValue[], budget: number, sizes: Map<object, number>): JsonValue {
  const kept: JsonValue[] = [];
  let left = budget - MARK_BYTES;
  for (const item of list) {
    const size = sizeOf(item, sizes) + 1;
    if (size > left) {
      if (left >= SMALLEST_BYTES) kept.push(shrink(item, left, sizes));
      break;
    }
    kept.push(item);
    left -= size;
  }
  return kept.length === list.length ? kept : [...kept, `[trimmed ${list.length - kept.length} more]`];
}

/** Smallest members first; each gets at most an equal share of what is left. Written in the object's own order. */
function shrinkObject(object: JsonObject, budget: number, sizes: Map<object, number>): JsonValue {
  // More members than could ever fit are counted, not looked at.
  const most = Math.ceil(budget / SMALLEST_MEMBER_BYTES);
  const present: { readonly key: string; readonly value: JsonValue; readonly size: number }[] = [];
  const keys = Object.keys(object);
  let count = keys.length;
  for (const key of keys) {
    if (present.length === most) break;
    const value = object[key];
    if (value === undefined) count--;
    else present.push({ key, value, size: sizeOf(value, sizes) + key.length + 4 });
  }
  const chosen = new Map<string, JsonValue>();
  let left = budget - MARK_BYTES;
  let waiting = present.length;
  for (const { key, value, size } of [...present].sort((one, other) => one.size - other.size)) {
    const share = Math.floor(left / waiting);
    waiting -= 1;
    const frame = key.length + 4;
    if (size <= share) chosen.set(key, value);
    else if (frame + MARK_BYTES <= share) chosen.set(key, shrink(value, share - frame, sizes));
    else continue;
    left -= Math.min(size, share);
  }
  const kept = present.flatMap(({ key }) => (chosen.has(key) ? [[key, chosen.get(key) as JsonValue] as const] : []));
  const missing = count - kept.length;
  return Object.fromEntries(missing === 0 ? kept : [...kept, ['[trimmed]', `${missing} more`]]);
}

/** `"a":1,`. */
const SMALLEST_MEMBER_BYTES = 6;

/** Room for the mark of what was left out. */
const MARK_BYTES = 32;
