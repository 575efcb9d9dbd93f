import { RAW_TYPES, STRING_LIST_TYPES, STRING_TYPES, STRUCT_TYPES, type StructType, TIME_LAYOUTS } from './go-types.ts';

export type GoKind =
  | { readonly kind: 'string' | 'bool' | 'struct' | 'raw' | 'interface' }
  | { readonly kind: 'int'; readonly bits: number }
  | { readonly kind: 'time'; readonly layout: string }
  | { readonly kind: 'pointer' | 'slice' | 'map'; readonly element: string };

/** The kind behind a type in Go's notation. */
export function kindOf(typeName: string): GoKind {
  if (typeName.startsWith('*')) return { kind: 'pointer', element: typeName.slice(1) };
  if (typeName.startsWith('[]')) return { kind: 'slice', element: typeName.slice(2) };
  if (typeName.startsWith('map[string]')) return { kind: 'map', element: typeName.slice('map[string]'.length) };
  if (STRING_TYPES.has(typeName)) return { kind: 'string' };
  if (typeName === 'bool') return { kind: 'bool' };
  if (typeName === 'int32' || typeName === 'int64') return { kind: 'int', bits: Number(typeName.slice(3)) };
  if (STRING_LIST_TYPES.has(typeName)) return { kind: 'slice', element: 'string' };
  if (RAW_TYPES.has(typeName)) return { kind: 'raw' };
  const layout = TIME_LAYOUTS[typeName];
  if (layout !== undefined) return { kind: 'time', layout };
  return { kind: typeName === 'runtime.Object' ? 'interface' : 'struct' };
}

/** The part of a document that says what it is (apimachinery pkg/runtime/serializer/json/meta.go). */
export const TYPE_HEADER = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

const TYPE_HEADER_STRUCT: StructType = { embedded: [], fields: { apiVersion: 'string', kind: 'string' } };

export function structOf(typeName: string): StructType {
  return STRUCT_TYPES[typeName] ?? TYPE_HEADER_STRUCT;
}

/** `PolicyRule` for `v1.PolicyRule`; a struct without a name has none. */
export function structName(typeName: string): string {
  return typeName === TYPE_HEADER ? '' : typeName.slice(typeName.indexOf('.') + 1);
}

export interface Field {
  readonly name: string;
  readonly type: string;
  /** Names of the embedded structs on the way to it; Go's errors have them. */
  readonly through: readonly string[];
}

/** The field that a key means. */
export function findField(struct: StructType, key: string, caseSensitive: boolean): Field | undefined {
  const fields = fieldsOf(struct);
  return fields.get(key) ?? (caseSensitive ? undefined : [...fields.values()].find((field) => fold(field.name) === fold(key)));
}

function fieldsOf(struct: StructType): ReadonlyMap<string, Field> {
  const known = FIELDS.get(struct);
  if (known !== undefined) return known;
  const fields = new Map<string, Field>();
  for (const embedded of struct.embedded)
    for (const [name, type] of Object.entries(structOf(embedded).fields)) fields.set(name, { name, type, through: [structName(embedded)] });
  for (const [name, type] of Object.entries(struct.fields)) fields.set(name, { name, type, through: [] });
  FIELDS.set(struct, fields);
  return fields;
}

const FIELDS = new WeakMap<StructType, ReadonlyMap<string, Field>>();

/** Upper case is lower case; so are the long s and the Kelvin sign (encoding/json fold.go). */
function fold(text: string): string {
  return text.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
}
