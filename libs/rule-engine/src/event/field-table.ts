import type { ByteString } from '../byte-string.ts';
import { decodeString } from '../json/strings.ts';
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

/** What of the log makes a field's value. */
export const VALUE = {
  /** The bytes as they stand. */
  PLAIN: 0,
  /** The bytes with their escapes decoded. */
  ESCAPED: 1,
  /** The array that starts there, printed anew. */
  ARRAY: 2,
  /** Not in the log: the text given along. */
  TEXT: 3,
} as const;

export type ValueKind = (typeof VALUE)[keyof typeof VALUE];

/** Numbers kept of a field: parent, key's start and end (negative: it has escapes), the value's kind, start and end. */
const STRIDE = 6;

/**
 * The decoded fields of one event, in document order. Only places in the log are kept: most values are never asked for, and an
 * array's text would have to be printed first.
 */
export class FieldTable {
  readonly statics: StaticFields = {};
  private readonly log: ByteString;
  private readonly cells: number[] = [];
  /** Path of each object, with its last dot. */
  private readonly paths: { readonly parent: number; readonly start: number; readonly end: number }[] = [];
  /** By number of the rules' names: which field has it, plus one. */
  private readonly byNumber: number[];
  /** Values that are not in the log, and those that were made of it. */
  private texts: Map<number, ByteString> | undefined;

  constructor(log: ByteString, names: number) {
    this.log = log;
    this.byNumber = new Array<number>(names).fill(0);
  }

  get size(): number {
    return this.cells.length / STRIDE;
  }

  /** The number of an object: below the object `parent`, 0 being the document, by the key from `start` to `end`. */
  addObject(parent: number, start: number, end: number): number {
    return this.paths.push({ parent, start, end });
  }

  add(parent: number, keyStart: number, keyEnd: number, kind: ValueKind, start: number, end: number, number: number): void {
    this.cells.push(parent, keyStart, keyEnd, kind, start, end);
    // Of fields of the same name the first counts.
    if (number >= 0 && this.byNumber[number] === 0) this.byNumber[number] = this.size;
  }

  addText(parent: number, keyStart: number, keyEnd: number, text: ByteString, number: number): void {
    this.texts ??= new Map();
    this.texts.set(this.size, text);
    this.add(parent, keyStart, keyEnd, VALUE.TEXT, 0, 0, number);
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
    const cell = position * STRIDE;
    return this.pathOf(this.cells[cell] ?? 0) + this.keyText(this.cells[cell + 1] ?? 0, this.cells[cell + 2] ?? 0);
  }

  valueAt(position: number): ByteString {
    const known = this.texts?.get(position);
    if (known !== undefined) return known;
    const cell = position * STRIDE;
    const text = this.makeValue(this.cells[cell + 3] as ValueKind, this.cells[cell + 4] ?? 0, this.cells[cell + 5] ?? 0);
    this.texts ??= new Map();
    this.texts.set(position, text);
    return text;
  }

  /** A value by its place in the log. */
  makeValue(kind: ValueKind, start: number, end: number): ByteString {
    if (kind === VALUE.ARRAY) {
      const parsed = parseTree(this.log, start);
      return parsed === undefined ? '' : printPretty(parsed.tree);
    }
    return kind === VALUE.ESCAPED ? (decodeString(this.log, start, end) ?? '') : this.log.slice(start, end);
  }

  clear(): void {
    this.cells.length = 0;
    this.byNumber.fill(0);
    this.texts = undefined;
    for (const name of Object.keys(this.statics) as (keyof StaticFields)[]) delete this.statics[name];
  }

  private pathOf(object: number): ByteString {
    const place = this.paths[object - 1];
    return place === undefined ? '' : `${this.pathOf(place.parent)}${this.keyText(place.start, place.end)}.`;
  }

  private keyText(start: number, end: number): ByteString {
    return end >= 0 ? this.log.slice(start, end) : (decodeString(this.log, start, -end) ?? '');
  }
}
