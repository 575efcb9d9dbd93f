import type { ByteString } from '../byte-string.ts';
import { indexOfCaseless, prepareNeedle } from '../caseless-search.ts';
import { formatField } from '../json/numbers.ts';
import { isNumberStart, JsonScanner } from '../json/scanner.ts';
import type { FieldNames, NamePlace } from './field-names.ts';
import { FieldTable, type StaticFields, VALUE, type ValueKind } from './field-table.ts';

export type DecoderName = 'json' | 'json-msgraph';

export interface Decoded {
  /** Undefined: no decoder takes the message. */
  readonly decoder: DecoderName | undefined;
  readonly fields: FieldTable;
  /** Fields beyond the limit, which Wazuh drops with an error line each. */
  readonly droppedFields: number;
}

/** `analysisd.decoder_order_size`, default in etc/internal_options.conf. */
export const MAX_FIELDS = 256;

/**
 * wazuh-analysisd's JSON decoders. `json-msgraph` comes first in the stock file and looks anywhere in the message, which is how a
 * ConfigMap can turn an event away from rules with `<decoded_as>json`. Source: ruleset/decoders/0006-json_decoders.xml,
 * src/analysisd/decoders/plugins/json_decoder.c.
 */
export function decodeLog(
  log: ByteString,
  programName: ByteString | undefined,
  names: FieldNames,
  maxFields: number = MAX_FIELDS,
): Decoded {
  const fields = new FieldTable(log, names.count);
  const decoder = chooseDecoder(log, programName);
  if (decoder === undefined) return { decoder, fields, droppedFields: 0 };
  const reader = new FieldReader(log, fields, decoder === 'json', maxFields);
  // A document that cJSON refuses leaves no field at all.
  if (!reader.read(names.root)) {
    fields.clear();
    return { decoder, fields, droppedFields: 0 };
  }
  return { decoder, fields, droppedFields: reader.droppedFields };
}

/** A message of a named program goes to the decoders of that program, of which there are none here. */
function chooseDecoder(log: ByteString, programName: ByteString | undefined): DecoderName | undefined {
  if (programName !== undefined) return undefined;
  if (indexOfCaseless(log, MS_GRAPH) >= 0) return 'json-msgraph';
  return startsAsObject(log) ? 'json' : undefined;
}

const MS_GRAPH = prepareNeedle('"integration":"ms-graph"');

/** The prematch `^{\s*"`, where `\s` is the space alone. */
function startsAsObject(log: ByteString): boolean {
  if (log.charCodeAt(0) !== 0x7b) return false;
  let at = 1;
  while (log.charCodeAt(at) === 0x20) at++;
  return log.charCodeAt(at) === 0x22;
}

/** Key at the top of the document to the static field it sets. Source: json_decoder.c, fillData. */
const STATIC_KEYS: ReadonlyMap<ByteString, keyof StaticFields> = new Map([
  ['srcip', 'srcip'],
  ['dstip', 'dstip'],
  ['dstport', 'dstport'],
  ['srcport', 'srcport'],
  ['protocol', 'protocol'],
  ['action', 'action'],
  ['srcuser', 'srcuser'],
  ['dstuser', 'dstuser'],
  // Since 4.14.1.
  ['user', 'dstuser'],
  ['id', 'id'],
  ['status', 'status'],
  ['url', 'url'],
  ['data', 'data'],
  ['extra_data', 'extra_data'],
  ['systemname', 'system_name'],
]);

class FieldReader {
  droppedFields = 0;
  private readonly scanner: JsonScanner;
  private readonly fields: FieldTable;
  private readonly keepsNull: boolean;
  private readonly maxFields: number;

  constructor(log: ByteString, fields: FieldTable, keepsNull: boolean, maxFields: number) {
    this.scanner = new JsonScanner(log);
    this.fields = fields;
    this.keepsNull = keepsNull;
    this.maxFields = maxFields;
  }

  /** False where cJSON would give up. */
  read(root: NamePlace): boolean {
    const { scanner } = this;
    // cJSON steps over a byte order mark; only json-msgraph can get here with one.
    if (scanner.json.startsWith('\xef\xbb\xbf')) scanner.at = 3;
    scanner.skipSpace();
    // Anything but an object has no keys: valid or not, it gives no fields.
    return scanner.peek() === 0x7b && this.readObject(0, root);
  }

  private readObject(object: number, place: NamePlace | undefined): boolean {
    const { scanner } = this;
    if (!scanner.enter()) return false;
    if (scanner.peek() !== 0x7d) {
      do {
        if (!scanner.readKey() || !this.readMember(object, place)) return false;
      } while (scanner.takeComma());
      if (scanner.peek() !== 0x7d) return false;
    }
    scanner.leave();
    return true;
  }

  /** The value of the key that was just read. */
  private readMember(object: number, outer: NamePlace | undefined): boolean {
    const { scanner, fields } = this;
    const { start: keyStart, isEscaped } = scanner;
    const keyEnd = isEscaped ? -scanner.end : scanner.end;
    const place =
      outer === undefined ? undefined : isEscaped ? belowText(outer, scanner.text()) : outer.below(scanner.json, keyStart, scanner.end);
    const name = object === 0 ? STATIC_KEYS.get(scanner.text()) : undefined;
    const start = scanner.at;
    let kind: ValueKind = VALUE.PLAIN;
    switch (scanner.peek()) {
      case 0x22:
        if (!scanner.readString()) return false;
        this.add(object, keyStart, keyEnd, scanner.isEscaped ? VALUE.ESCAPED : VALUE.PLAIN, scanner.start, scanner.end, place, name);
        return true;
      case 0x7b:
        return this.readObject(fields.addObject(object, keyStart, keyEnd), place);
      case 0x5b:
        if (!scanner.skipArray()) return false;
        kind = VALUE.ARRAY;
        break;
      case 0x74:
        if (!scanner.takeWord('true')) return false;
        break;
      case 0x66:
        if (!scanner.takeWord('false')) return false;
        break;
      case 0x6e:
        if (!scanner.takeWord('null')) return false;
        if (!this.keepsNull) return true;
        break;
      default:
        if (!isNumberStart(scanner.peek()) || !scanner.readNumber()) return false;
        return this.addNumber(object, keyStart, keyEnd, start, place, name);
    }
    this.add(object, keyStart, keyEnd, kind, start, scanner.at, place, name);
    return true;
  }

  private add(
    object: number,
    keyStart: number,
    keyEnd: number,
    kind: ValueKind,
    start: number,
    end: number,
    place: NamePlace | undefined,
    name: keyof StaticFields | undefined,
  ): void {
    const { fields } = this;
    if (name !== undefined) fields.statics[name] = fields.makeValue(kind, start, end);
    else if (fields.size >= this.maxFields) this.droppedFields++;
    else fields.add(object, keyStart, keyEnd, kind, start, end, place?.number ?? -1);
  }

  private addNumber(
    object: number,
    keyStart: number,
    keyEnd: number,
    start: number,
    place: NamePlace | undefined,
    name: keyof StaticFields | undefined,
  ): true {
    const { fields, scanner } = this;
    const text = formatField(scanner.number);
    // Most numbers stand in the log as they are printed.
    if (text.length === scanner.at - start && scanner.json.startsWith(text, start))
      this.add(object, keyStart, keyEnd, VALUE.PLAIN, start, scanner.at, place, name);
    else if (name !== undefined) fields.statics[name] = text;
    else if (fields.size >= this.maxFields) this.droppedFields++;
    else fields.addText(object, keyStart, keyEnd, text, place?.number ?? -1);
    return true;
  }
}

function belowText(place: NamePlace, key: ByteString): NamePlace | undefined {
  return place.below(key, 0, key.length);
}
