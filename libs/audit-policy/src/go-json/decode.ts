import { quote } from '../go-text/quote.ts';
import { type Data, DataError, type Entry, type Place } from './data.ts';
import { type Field, findField, kindOf, structName, structOf } from './go-kinds.ts';
import { parseGoTime } from './go-time.ts';
import type { GoSlice, GoStruct, GoValue } from './go-value.ts';
import { toPlainJson } from './plain-json.ts';

/** Something that only strict decoding minds, in the words of sigs.k8s.io/json. */
export interface StrictError {
  readonly kind: 'unknown-field' | 'duplicate-field';
  /** `unknown field "rules[0].resources[0].verbs"`. */
  readonly message: string;
  /** `rules[0].resources[0].verbs`. */
  readonly path: string;
  /** Where the key stands. */
  readonly place: Place;
}

export interface Decoded {
  readonly value: GoStruct;
  readonly strictErrors: readonly StrictError[];
}

export interface DecodeOptions {
  /** encoding/json takes a key in any case, sigs.k8s.io/json only as it is. */
  readonly caseSensitive: boolean;
}

/**
 * Reads a JSON value into a Go struct type as encoding/json and sigs.k8s.io/json v0.0.0-20250730 do: the first value
 * of a wrong type is the error, after everything else has been read.
 *
 * @throws {DataError} `json: cannot unmarshal string into Go struct field PolicyRule.rules.verbs of type []string`
 */
export function decode(typeName: string, data: Data, options: DecodeOptions): Decoded {
  const decoder = new Decoder(options);
  const value = decoder.decode(typeName, undefined, data);
  if (decoder.savedError !== undefined) throw decoder.savedError;
  return { value: value as GoStruct, strictErrors: decoder.strictErrors };
}

/** kubernetes_patch.go saveStrictError. */
const MAX_STRICT_ERRORS = 100;

class Decoder {
  savedError: DataError | undefined;
  readonly strictErrors: StrictError[] = [];
  readonly #caseSensitive: boolean;
  /** Of the field being read: the struct that has it, and the names on the way to it. */
  #struct = '';
  #names: readonly string[] = [];
  #path = '';

  constructor(options: DecodeOptions) {
    this.#caseSensitive = options.caseSensitive;
  }

  /** `current` is what the memory holds already; most kinds overwrite it, structs and slices are filled further. */
  decode(typeName: string, current: GoValue | undefined, data: Data): GoValue {
    const type = kindOf(typeName);
    if (type.kind === 'pointer') return data.kind === 'null' ? null : this.decode(type.element, current ?? undefined, data);
    if (type.kind === 'raw') return { type: 'raw', json: toPlainJson(data) };
    if (type.kind === 'time') return this.#decodeTime(type.layout, data);
    if (data.kind === 'null') return type.kind === 'slice' || type.kind === 'map' ? null : (current ?? zeroOf(type.kind));
    if (type.kind === 'struct' && data.kind === 'object') return this.#decodeStruct(typeName, current, data.entries);
    if (type.kind === 'slice' && data.kind === 'array') return this.#decodeSlice(type.element, current, data.items);
    if (type.kind === 'map' && data.kind === 'object') return this.#decodeMap(type.element, current, data.entries);
    if (type.kind === 'string' && data.kind === 'string') return data.value;
    if (type.kind === 'bool' && data.kind === 'bool') return data.value;
    if (type.kind === 'int' && data.kind === 'number') {
      const integer = parseInteger(data.text, type.bits);
      if (integer !== undefined) return integer;
      this.#mismatch(`number ${data.text}`, typeName, data.place);
    } else this.#mismatch(data.kind, typeName, data.place);
    return current ?? zeroOf(type.kind);
  }

  #decodeStruct(typeName: string, current: GoValue | undefined, entries: readonly Entry[]): GoValue {
    const decoded: GoStruct = isStruct(current) ? current : { type: 'struct', fields: new Map() };
    const seen = new Set<string>();
    for (const { key, keyPlace, value } of entries) {
      const field = findField(structOf(typeName), key, this.#caseSensitive);
      if (field === undefined) this.#saveStrictError('unknown-field', key, keyPlace);
      else {
        if (seen.has(field.name)) this.#saveStrictError('duplicate-field', field.name, keyPlace);
        seen.add(field.name);
        this.#inField(typeName, field, () =>
          decoded.fields.set(field.name, this.decode(field.type, decoded.fields.get(field.name), value)),
        );
      }
    }
    return decoded;
  }

  #decodeSlice(element: string, current: GoValue | undefined, items: readonly Data[]): GoValue {
    const decoded: GoSlice = isSlice(current) && items.length > 0 ? current : { type: 'slice', memory: [], length: 0 };
    for (const [index, item] of items.entries())
      this.#inPath(`${this.#path}[${index}]`, () => {
        decoded.memory[index] = this.decode(element, decoded.memory[index], item);
      });
    decoded.length = items.length;
    return decoded;
  }

  #decodeMap(element: string, current: GoValue | undefined, entries: readonly Entry[]): GoValue {
    const decoded = new Map(current !== null && typeof current === 'object' && current.type === 'map' ? current.entries : []);
    const seen = new Set<string>();
    for (const { key, keyPlace, value } of entries) {
      if (seen.has(key)) this.#saveStrictError('duplicate-field', key, keyPlace);
      seen.add(key);
      this.#inPath(this.#pathOf(key), () => decoded.set(key, this.decode(element, undefined, value)));
    }
    return { type: 'map', entries: decoded };
  }

  #decodeTime(layout: string, data: Data): GoValue {
    if (data.kind === 'null') return null;
    // A type that reads itself ends the decoding when it fails.
    if (data.kind !== 'string') throw new DataError(this.#mismatchText(data.kind, 'string'), data.place);
    const time = parseGoTime(layout, data.value);
    if (time.kind === 'broken') throw new DataError(time.message, data.place);
    return time.isZero ? null : { type: 'raw', json: time.text };
  }

  #inField(typeName: string, field: Field, decodeField: () => void): void {
    const [struct, names] = [this.#struct, this.#names];
    this.#struct = structName(typeName);
    this.#names = [...names, ...field.through, field.name];
    this.#inPath(this.#pathOf(field.name), decodeField);
    this.#struct = struct;
    this.#names = names;
  }

  #inPath(path: string, decodePart: () => void): void {
    const outer = this.#path;
    this.#path = path;
    decodePart();
    this.#path = outer;
  }

  #pathOf(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  #mismatch(found: string, typeName: string, place: Place): void {
    this.savedError ??= new DataError(this.#mismatchText(found, typeName), place);
  }

  #mismatchText(found: string, typeName: string): string {
    const target = this.#names.length === 0 ? 'value' : `struct field ${this.#struct}.${this.#names.join('.')}`;
    return `json: cannot unmarshal ${found} into Go ${target} of type ${typeName}`;
  }

  #saveStrictError(kind: StrictError['kind'], key: string, place: Place): void {
    const path = this.#pathOf(key);
    const message = `${kind === 'unknown-field' ? 'unknown' : 'duplicate'} field ${quote(path)}`;
    if (this.strictErrors.length >= MAX_STRICT_ERRORS || this.strictErrors.some((error) => error.message === message)) return;
    this.strictErrors.push({ kind, message, path, place });
  }
}

function parseInteger(text: string, bits: number): bigint | undefined {
  if (!/^-?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}

function zeroOf(kind: string): GoValue {
  if (kind === 'string') return '';
  if (kind === 'bool') return false;
  if (kind === 'int') return 0n;
  return kind === 'struct' ? { type: 'struct', fields: new Map() } : null;
}

function isStruct(value: GoValue | undefined): value is GoStruct {
  return value !== undefined && value !== null && typeof value === 'object' && value.type === 'struct';
}

function isSlice(value: GoValue | undefined): value is GoSlice {
  return value !== undefined && value !== null && typeof value === 'object' && value.type === 'slice';
}
