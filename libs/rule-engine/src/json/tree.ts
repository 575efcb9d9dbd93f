import type { ByteString } from '../byte-string.ts';
import { printNumber } from './numbers.ts';
import { isNumberStart, JsonScanner } from './scanner.ts';
import { printString } from './strings.ts';

/** A JSON value as cJSON holds it: members in order, duplicates kept. */
export type JsonTree =
  | { readonly kind: 'string'; readonly value: ByteString }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'word'; readonly value: 'true' | 'false' | 'null' }
  | { readonly kind: 'array'; readonly items: readonly JsonTree[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: ByteString, value: JsonTree])[] };

/** The value that starts at `start`, and where it ends; undefined where cJSON gives up. */
export function parseTree(json: ByteString, start = 0): { readonly tree: JsonTree; readonly end: number } | undefined {
  const scanner = new JsonScanner(json, start);
  scanner.skipSpace();
  const tree = readTree(scanner);
  return tree === undefined ? undefined : { tree, end: scanner.at };
}

/** `cJSON_PrintUnformatted`. */
export function printTree(tree: JsonTree): ByteString {
  switch (tree.kind) {
    case 'string':
      return printString(tree.value);
    case 'number':
      return printNumber(tree.value);
    case 'word':
      return tree.value;
    case 'array':
      return `[${tree.items.map(printTree).join(',')}]`;
    case 'object':
      return `{${tree.members.map(([key, value]) => `${printString(key)}:${printTree(value)}`).join(',')}}`;
  }
}

/** `cJSON_Print`: arrays on one line with ", ", objects over several lines with tabs. */
export function printPretty(tree: JsonTree, depth = 0): ByteString {
  switch (tree.kind) {
    case 'array':
      return `[${tree.items.map((item) => printPretty(item, depth + 1)).join(', ')}]`;
    case 'object': {
      const indent = '\t'.repeat(depth + 1);
      const members = tree.members.map(([key, value]) => `${indent}${printString(key)}:\t${printPretty(value, depth + 1)}`);
      return `{\n${members.join(',\n')}${members.length > 0 ? '\n' : ''}${'\t'.repeat(depth)}}`;
    }
    default:
      return printTree(tree);
  }
}

function readTree(scanner: JsonScanner): JsonTree | undefined {
  switch (scanner.peek()) {
    case 0x22:
      return scanner.readString() ? { kind: 'string', value: scanner.text() } : undefined;
    case 0x7b:
      return readObject(scanner);
    case 0x5b:
      return readArray(scanner);
    case 0x74:
      return scanner.takeWord('true') ? { kind: 'word', value: 'true' } : undefined;
    case 0x66:
      return scanner.takeWord('false') ? { kind: 'word', value: 'false' } : undefined;
    case 0x6e:
      return scanner.takeWord('null') ? { kind: 'word', value: 'null' } : undefined;
    default:
      return isNumberStart(scanner.peek()) && scanner.readNumber() ? { kind: 'number', value: scanner.number } : undefined;
  }
}

function readArray(scanner: JsonScanner): JsonTree | undefined {
  if (!scanner.enter()) return undefined;
  const items: JsonTree[] = [];
  if (scanner.peek() !== 0x5d) {
    do {
      const item = readTree(scanner);
      if (item === undefined) return undefined;
      items.push(item);
    } while (scanner.takeComma());
    if (scanner.peek() !== 0x5d) return undefined;
  }
  scanner.leave();
  return { kind: 'array', items };
}

function readObject(scanner: JsonScanner): JsonTree | undefined {
  if (!scanner.enter()) return undefined;
  const members: (readonly [ByteString, JsonTree])[] = [];
  if (scanner.peek() !== 0x7d) {
    do {
      if (!scanner.readKey()) return undefined;
      const key = scanner.text();
      const value = readTree(scanner);
      if (value === undefined) return undefined;
      members.push([key, value]);
    } while (scanner.takeComma());
    if (scanner.peek() !== 0x7d) return undefined;
  }
  scanner.leave();
  return { kind: 'object', members };
}
