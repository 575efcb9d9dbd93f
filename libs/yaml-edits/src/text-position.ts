import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { isCollection } from './yaml-file.ts';

/** The offset at which the line of `offset` ends: before its line break, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  // The value of a block scalar ends behind its line break, at the start of a line that is not its own.
  const at = offset > 0 && text[offset - 1] === '\n' ? offset - 1 : offset;
  const end = text.indexOf('\n', at);
  if (end === -1) return text.length;
  return text[end - 1] === '\r' ? end - 1 : end;
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the last character that belongs to a node stands; comments and blank lines behind it are not its own. */
export function contentEnd(node: Node): number {
  if (isCollection(node) && node.flow !== true && node.items.length > 0) {
    const last = node.items.at(-1);
    return isMap(node) ? pairEnd(last as Pair<Node, Node | null>) : contentEnd(last as Node);
  }
  return node.range?.[1] ?? 0;
}

export function pairEnd({ key, value }: Pair<Node, Node | null>): number {
  return value === null ? (key.range?.[1] ?? 0) : contentEnd(value);
}

/** Where an item of a block collection begins: its dash, or its key with the anchor or tag before it. */
export function itemStart(collection: YAMLMap | YAMLSeq, index: number): number {
  const token = collection.srcToken;
  if (token?.type !== 'block-seq' && token?.type !== 'block-map') return startOf(collection.items[index]);
  const item = token.items[index];
  const mark = item?.start.find(({ type }) => type !== 'space' && type !== 'newline' && type !== 'comment');
  return mark?.offset ?? item?.key?.offset ?? startOf(collection.items[index]);
}

/** How many columns the items of a block collection stand in. */
export function itemColumn(text: string, collection: YAMLMap | YAMLSeq): number {
  const start = itemStart(collection, 0);
  return start - lineStart(text, start);
}

/** Where the value of an entry of a block map may begin. */
export function behindColon(text: string, { key }: Pair<Node, Node | null>): number {
  return text.indexOf(':', key.range?.[1]) + 1;
}

/** An empty value: nothing is written, not even `null` or `~`. */
export function isUnwritten(node: Node | undefined | null): boolean {
  return node === undefined || node === null || (isScalar(node) && node.value === null && node.source === '');
}

export function isBlockSeq(node: unknown): node is YAMLSeq<Node> {
  return isSeq(node) && node.flow !== true;
}

function startOf(item: unknown): number {
  const node = item as Node | Pair<Node, Node | null>;
  return ('key' in node ? (node.key as Node).range : (node as Node).range)?.[0] ?? 0;
}
