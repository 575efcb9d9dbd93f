import { ask, run, type Step } from '../trampoline.ts';
import { type Data, DataError, type Entry, MAX_DEPTH } from './data.ts';
import { JsonCursor } from './json-cursor.ts';
import { parseLiteral, parseNumber, parseString } from './json-scalars.ts';

/**
 * A JSON text as a tree; the errors are those of Go's encoding/json scanner.go, word by word.
 *
 * @throws {DataError} `invalid character 'x' after object key`
 */
export function parseJson(text: Uint8Array): Data {
  const cursor = new JsonCursor(text);
  const value = run(parseValue(cursor, 1));
  cursor.skipSpace();
  if (!cursor.atEnd) throw cursor.unexpected('after top-level value');
  return value;
}

function* parseValue(cursor: JsonCursor, depth: number): Step<Data> {
  cursor.skipSpace();
  const character = cursor.peek();
  if (character === '{' || character === '[') {
    if (depth > MAX_DEPTH) throw new DataError('exceeded max depth', cursor.place());
    return yield* ask(character === '{' ? parseObject(cursor, depth) : parseArray(cursor, depth));
  }
  const place = cursor.place();
  if (character === '"') return { kind: 'string', place, value: parseString(cursor), end: cursor.place() };
  if (character === '-' || (character >= '0' && character <= '9'))
    return { kind: 'number', place, text: parseNumber(cursor), end: cursor.place() };
  if (character === 't' || character === 'f') return { kind: 'bool', place, value: parseLiteral(cursor) === 'true', end: cursor.place() };
  if (character !== 'n') throw cursor.unexpected('looking for beginning of value');
  parseLiteral(cursor);
  return { kind: 'null', place, end: cursor.place() };
}

function* parseArray(cursor: JsonCursor, depth: number): Step<Data> {
  const place = cursor.place();
  const items: Data[] = [];
  cursor.take();
  cursor.skipSpace();
  if (cursor.peek() !== ']')
    do {
      items.push(yield* ask(parseValue(cursor, depth + 1)));
      cursor.skipSpace();
    } while (takeComma(cursor, ']', 'after array element'));
  else cursor.take();
  return { kind: 'array', place, end: cursor.place(), items };
}

function* parseObject(cursor: JsonCursor, depth: number): Step<Data> {
  const place = cursor.place();
  const entries: Entry[] = [];
  cursor.take();
  cursor.skipSpace();
  if (cursor.peek() !== '}')
    do {
      cursor.skipSpace();
      if (cursor.peek() !== '"') throw cursor.unexpected('looking for beginning of object key string');
      const keyPlace = cursor.place();
      const key = parseString(cursor);
      const keyEnd = cursor.place();
      cursor.skipSpace();
      if (cursor.peek() !== ':') throw cursor.unexpected('after object key');
      cursor.take();
      entries.push({ key, keyPlace, keyEnd, value: yield* ask(parseValue(cursor, depth + 1)) });
      cursor.skipSpace();
    } while (takeComma(cursor, '}', 'after object key:value pair'));
  else cursor.take();
  return { kind: 'object', place, end: cursor.place(), entries };
}

function takeComma(cursor: JsonCursor, closing: string, context: string): boolean {
  const character = cursor.peek();
  if (character !== ',' && character !== closing) throw cursor.unexpected(context);
  cursor.take();
  return character === ',';
}
