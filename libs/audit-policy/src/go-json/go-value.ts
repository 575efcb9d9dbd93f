/** A decoded Go value: what a field of a struct holds. Mutable, because Go decodes a key that comes twice into the same memory. */
export type GoValue = null | boolean | string | bigint | GoRaw | GoSlice | GoMap | GoStruct;

/** JSON kept as it came, or a time as RFC 3339 in UTC. */
export interface GoRaw {
  readonly type: 'raw';
  readonly json: unknown;
}

/** Elements beyond the length are still there, and shine through when the slice grows over them again. */
export interface GoSlice {
  readonly type: 'slice';
  readonly memory: GoValue[];
  length: number;
}

export interface GoMap {
  readonly type: 'map';
  readonly entries: Map<string, GoValue>;
}

/** Fields by their JSON names; one that is missing is zero. */
export interface GoStruct {
  readonly type: 'struct';
  readonly fields: Map<string, GoValue>;
}

/** The value as JSON the way Go writes it with `omitempty` everywhere: no zeros, no empty lists. Undefined: zero. */
export function toJson(value: GoValue | undefined): unknown {
  if (value === undefined || value === null || value === '' || value === false || value === 0n) return undefined;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object') return value;
  if (value.type === 'raw') return value.json;
  if (value.type === 'slice') {
    const items = elementsOf(value).map((item) => (typeof item === 'string' ? item : (toJson(item) ?? {})));
    return items.length === 0 ? undefined : items;
  }
  const entries = value.type === 'map' ? [...value.entries] : [...value.fields];
  if (value.type === 'map') return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([key, item]) => [key, item ?? '']));
  return Object.fromEntries(entries.map(([key, item]) => [key, toJson(item)] as const).filter(([, json]) => json !== undefined));
}

export function elementsOf(value: GoValue | undefined): readonly GoValue[] {
  return value !== null && typeof value === 'object' && value.type === 'slice' ? value.memory.slice(0, value.length) : [];
}
