import type { ByteString } from '../byte-string.ts';
import { parseTree, printPretty } from '../json/tree.ts';

/** What only a decoder sets, by Wazuh's names in alerts. */
export interface StaticFields {
  protocol?: ByteString;
  action?: ByteString;
  srcip?: ByteString;
  srcport?: ByteString;
  srcuser?: ByteString;
  dstip?: ByteString;
  dstport?: ByteString;
  dstuser?: ByteString;
  id?: ByteString;
  status?: ByteString;
  url?: ByteString;
  data?: ByteString;
  extra_data?: ByteString;
  system_name?: ByteString;
}

/**
 * The decoded fields of one event, in document order. An array is one field, whose text is printed when first asked for: most
 * events are decided without it.
 */
export class FieldTable {
  readonly statics: StaticFields = {};
  private readonly log: ByteString;
  private readonly values: (ByteString | number)[] = [];
  private readonly keys: ByteString[] = [];
  /** For each field the number of its object's path. */
  private readonly parents: number[] = [];
  private readonly paths: ByteString[] = [''];
  /** By field number of the rules: which field holds it, plus one. */
  private readonly byNumber: Int32Array;
  private arrays: Map<number, ByteString> | undefined;

  constructor(log: ByteString, names: number) {
    this.log = log;
    this.byNumber = new Int32Array(names);
  }

  get size(): number {
    return this.values.length;
  }

  /** The number of the path of an object: `key` below the object `parent`. */
  addPath(parent: number, key: ByteString): number {
    const above = this.paths[parent] ?? '';
    return this.paths.push(parent === 0 ? `${key}.` : `${above}${key}.`) - 1;
  }

  /** `value`: the text, or for an array its offset in the log. */
  add(parent: number, key: ByteString, value: ByteString | number, number: number): void {
    this.values.push(value);
    this.keys.push(key);
    this.parents.push(parent);
    // Of fields of the same name the first counts.
    if (number >= 0 && this.byNumber[number] === 0) this.byNumber[number] = this.values.length;
  }

  /** The value of a field that rules ask for; undefined when the event does not have it. */
  valueOf(number: number): ByteString | undefined {
    const position = this.byNumber[number];
    return position === undefined || position === 0 ? undefined : this.valueAt(position - 1);
  }

  has(number: number): boolean {
    return (this.byNumber[number] ?? 0) > 0;
  }

  nameAt(position: number): ByteString {
    return `${this.paths[this.parents[position] ?? 0] ?? ''}${this.keys[position] ?? ''}`;
  }

  valueAt(position: number): ByteString {
    const value = this.values[position] ?? '';
    if (typeof value === 'string') return value;
    this.arrays ??= new Map();
    const printed = this.arrays.get(value) ?? printArray(this.log, value);
    this.arrays.set(value, printed);
    return printed;
  }

  /** The text of the array that starts at this offset of the log. */
  printArrayAt(start: number): ByteString {
    return printArray(this.log, start);
  }

  clear(): void {
    this.values.length = 0;
    this.byNumber.fill(0);
    for (const name of Object.keys(this.statics) as (keyof StaticFields)[]) delete this.statics[name];
  }
}

function printArray(log: ByteString, start: number): ByteString {
  const parsed = parseTree(log, start);
  return parsed === undefined ? '' : printPretty(parsed.tree);
}
