import { isDeepStrictEqual } from 'node:util';
import { type TextEdit, withEdits } from '@k8s-audit/text-edits';
import { isMap, isScalar, isSeq, type Node, type Pair, parse, type YAMLMap } from 'yaml';
import { removalOf } from './insert.ts';
import { behindColon } from './text-position.ts';
import type { YamlChange } from './yaml-change.ts';
import { isCollection, parseYamlFile, resolvePlace, splitByteOrderMark, type YamlCollection, type YamlFile } from './yaml-file.ts';

export interface YamlUndoing {
  readonly text: string;
  readonly undone: readonly YamlChange[];
  /** What somebody else changed or removed since: left as it is. */
  readonly left: readonly YamlChange[];
}

/**
 * Takes changes back, the last first, each by what it is and not by where it stood: other edits since then stay.
 * With no other edit the result is the text of before, to the byte.
 *
 * @throws Failure YAML_UNREADABLE, YAML_UNSUITABLE
 */
export function undoYamlChanges(text: string, changes: readonly YamlChange[]): YamlUndoing {
  const [mark, body] = splitByteOrderMark(text);
  let current = body;
  const undone: YamlChange[] = [];
  const left: YamlChange[] = [];
  for (const change of changes.toReversed()) {
    const edit = undoingOf(parseYamlFile(current), change);
    if (edit === undefined) left.push(change);
    else {
      current = withEdits(current, [edit]);
      undone.push(change);
    }
  }
  return { text: `${mark}${current}`, undone, left };
}

function undoingOf(file: YamlFile, change: YamlChange): TextEdit | undefined {
  const { node, missing } = resolvePlace(file, change);
  if (missing.length > 0 || !isCollection(node)) return undefined;
  const index = indexOf(file, node, change);
  if (index === -1) return undefined;
  if (change.kind === 'item-added' || change.kind === 'entry-added') {
    // A list or map that was made for it goes with its last item.
    if (change.created > 0 && node.items.length === 1) return removeCreated(file, change, change.created);
    return removalOf(file, node, index);
  }
  if (change.kind === 'entry-replaced' && change.after === '') {
    const start = behindColon(file.text, (node as YAMLMap<Node, Node | null>).items[index] as Pair<Node, Node | null>);
    return { start, end: start, text: change.before };
  }
  const value = (change.kind === 'entry-replaced' ? (node as YAMLMap<Node, Node | null>).items[index]?.value : node.items[index]) as Node;
  return { start: value.range?.[0] ?? 0, end: value.range?.[1] ?? 0, text: change.before };
}

/** Removes the highest of the collections made for a change in which nobody else has put anything since. */
function removeCreated(file: YamlFile, change: YamlChange, created: number): TextEdit | undefined {
  for (let depth = created; depth > 0; depth--) {
    if (!innerCollectionsHoldOne(file, change, depth)) continue;
    const at = change.path.length - depth;
    const { node } = resolvePlace(file, { ...change, path: change.path.slice(0, at) });
    const index = isMap(node) ? node.items.findIndex(({ key }) => isScalar(key) && key.value === change.path[at]) : -1;
    return index === -1 ? undefined : removalOf(file, node as YamlCollection, index);
  }
  return undefined;
}

function innerCollectionsHoldOne(file: YamlFile, change: YamlChange, depth: number): boolean {
  for (let inner = depth - 1; inner >= 0; inner--) {
    const { node } = resolvePlace(file, { ...change, path: change.path.slice(0, change.path.length - inner) });
    if (!isCollection(node) || node.items.length !== 1) return false;
  }
  return true;
}

function indexOf(file: YamlFile, node: YamlCollection, change: YamlChange): number {
  const { text } = file;
  const items = node.items as readonly unknown[];
  switch (change.kind) {
    case 'item-added':
      return items.findLastIndex((item) => isDeepStrictEqual(plain(file, item as Node), change.value));
    case 'item-replaced':
      return items.findLastIndex((item) => isScalar(item) && text.slice(item.range?.[0], item.range?.[1]) === change.after);
    case 'entry-added':
      return entryIndex(node, change.key, (value) => isDeepStrictEqual(plain(file, value), change.value));
    case 'entry-replaced':
      return entryIndex(node, change.key, (value) => isDeepStrictEqual(plain(file, value), parse(change.after, { version: '1.1' })));
  }
}

function entryIndex(node: YamlCollection, key: string, matches: (value: Node | null) => boolean): number {
  if (isSeq(node)) return -1;
  return (node as YAMLMap<Node, Node | null>).items.findIndex(
    (pair) => isScalar(pair.key) && pair.key.value === key && matches(pair.value),
  );
}

function plain({ documents }: YamlFile, node: Node | null): unknown {
  const document = documents[0];
  return node === null || document === undefined ? null : node.toJS(document);
}
