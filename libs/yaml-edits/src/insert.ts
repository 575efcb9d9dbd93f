import { Failure } from '@k8s-audit/failure';
import type { TextEdit } from '@k8s-audit/text-edits';
import { isMap, isSeq, type Node, type Pair } from 'yaml';
import { contentEnd, isUnwritten, itemColumn, itemStart, lineEnd, lineStart, pairEnd } from './text-position.ts';
import type { YamlValue } from './yaml-change.ts';
import { pathText, type Resolved, type YamlCollection, type YamlFile } from './yaml-file.ts';
import { blockLines, flowText } from './yaml-source.ts';

/** What is put into a collection: one item of a list, or one entry of a map. */
export type Insertion =
  | { readonly kind: 'item'; readonly value: YamlValue }
  | { readonly kind: 'entry'; readonly key: string; readonly value: YamlValue };

/**
 * The edit that puts something at the end of the collection that `at` resolved to, which may also be an empty value or an empty document.
 *
 * New lines begin behind the last character of what is there, before its line break, so that a file without a final line break stays
 * one, and so that taking them out again gives the very same bytes.
 */
export function insertionAt(file: YamlFile, at: Resolved, insertion: Insertion): TextEdit {
  const { text } = file;
  const { node } = at;
  if (isMap(node) || isSeq(node)) {
    if (isSeq(node) !== (insertion.kind === 'item')) throw notEditable(`it is ${isSeq(node) ? 'a list' : 'a map'}`);
    const collection = node as YamlCollection;
    if (collection.flow === true) return flowInsertion(collection, insertion);
    return newLines(file, lineEnd(text, contentEnd(collection)), blockLines(blockValue(insertion), itemColumn(text, collection)));
  }
  if (!isUnwritten(node)) throw notEditable('it holds a value of another kind');
  if (at.pair === undefined) return atEnd(file, blockLines(blockValue(insertion), 0));
  if (at.inFlow) throw notEditable('an entry inside braces has no value');
  const start = startOfPair(at.pair);
  const column = start - lineStart(text, start) + (insertion.kind === 'item' ? 0 : 2);
  return newLines(file, lineEnd(text, pairEnd(at.pair)), blockLines(blockValue(insertion), column));
}

/** The edit that takes an item or entry out again. @returns undefined where it shares a line with something else */
export function removalOf(file: YamlFile, collection: YamlCollection, index: number): TextEdit | undefined {
  const { text } = file;
  if (collection.flow === true) return flowRemoval(collection, index);
  const start = itemStart(collection, index);
  const first = lineStart(text, start);
  if (text.slice(first, start).trim() !== '') return undefined;
  const end = lineEnd(text, endOf(collection, index));
  if (first === 0) return { start: 0, end: end + (text.startsWith('\r\n', end) ? 2 : text[end] === '\n' ? 1 : 0), text: '' };
  return { start: first - (text.startsWith('\r\n', first - 2) ? 2 : 1), end, text: '' };
}

export function notEditable(why: string, path?: Parameters<typeof pathText>[0]): Failure {
  const where = path === undefined ? '' : `${pathText(path) || 'the document'}: `;
  return new Failure('YAML_UNSUITABLE', `This place cannot be edited safely: ${where}${why}.`, {
    hint: 'Write it as an ordinary list or map of one line an entry, then try again; nothing was changed.',
  });
}

function blockValue(insertion: Insertion): YamlValue {
  return insertion.kind === 'item' ? [insertion.value] : { [insertion.key]: insertion.value };
}

function newLines({ eol }: YamlFile, at: number, lines: readonly string[]): TextEdit {
  return { start: at, end: at, text: `${eol}${lines.join(eol)}` };
}

function atEnd({ text, eol, documents }: YamlFile, lines: readonly string[]): TextEdit {
  if (documents.length > 1) throw notEditable('an empty document among others');
  const at = text.length;
  const block = lines.join(eol);
  return { start: at, end: at, text: text === '' || text.endsWith('\n') ? `${block}${eol}` : `${eol}${block}` };
}

function flowInsertion(collection: YamlCollection, insertion: Insertion): TextEdit {
  const source = insertion.kind === 'item' ? flowText(insertion.value) : `${flowText(insertion.key)}: ${flowText(insertion.value)}`;
  const count = collection.items.length;
  const at = count === 0 ? (collection.range?.[0] ?? 0) + 1 : endOf(collection, count - 1);
  return { start: at, end: at, text: count === 0 ? source : `, ${source}` };
}

function flowRemoval(collection: YamlCollection, index: number): TextEdit {
  const end = endOf(collection, index);
  if (index > 0) return { start: endOf(collection, index - 1), end, text: '' };
  const start = itemStart(collection, 0);
  return { start, end: collection.items.length > 1 ? itemStart(collection, 1) : end, text: '' };
}

function endOf(collection: YamlCollection, index: number): number {
  const item = collection.items[index];
  return isMap(collection) ? pairEnd(item as Pair<Node, Node | null>) : contentEnd(item as Node);
}

function startOfPair(pair: Pair<Node, Node | null>): number {
  return pair.key.range?.[0] ?? 0;
}
