import { isDeepStrictEqual } from 'node:util';
import { type TextEdit, withEdits } from '@k8s-audit/text-edits';
import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { withRequests } from './data-change.ts';
import { insertionAt, notEditable } from './insert.ts';
import { behindColon } from './text-position.ts';
import { undoYamlChanges } from './undo.ts';
import type { YamlChange, YamlPlace, YamlRequest } from './yaml-change.ts';
import { dataOf, isCollection, parseYamlFile, type Resolved, resolvePlace, splitByteOrderMark, type YamlFile } from './yaml-file.ts';
import { type flowText, nested, scalarSource } from './yaml-source.ts';

export interface YamlEditing {
  readonly text: string;
  /** In the order in which they were made. */
  readonly changes: readonly YamlChange[];
}

/**
 * Changes a YAML file as text: only the lines that are asked for are touched, comments, order, quotes and line breaks stay.
 *
 * Whatever the style of the file, the result is proved before it is returned: read again, it must say exactly what the old data and
 * the requests say; and taken back, it must be the old text to the byte. A file where this does not hold is refused, not damaged.
 *
 * @throws Failure YAML_UNREADABLE, YAML_UNSUITABLE
 */
export function applyYamlRequests(text: string, requests: readonly YamlRequest[]): YamlEditing {
  const [mark, body] = splitByteOrderMark(text);
  const editing = applyToBody(body, requests);
  return { ...editing, text: `${mark}${editing.text}` };
}

function applyToBody(text: string, requests: readonly YamlRequest[]): YamlEditing {
  const before = parseYamlFile(text);
  let edited = text;
  const changes: YamlChange[] = [];
  for (const request of requests) {
    for (const [edit, change] of stepsOf(edited, request)) {
      edited = withEdits(edited, [edit]);
      changes.push(change);
    }
  }
  if (changes.length === 0) return { text, changes };
  const after = parseYamlFile(edited);
  if (!isDeepStrictEqual(dataOf(after), withRequests(before, requests)))
    throw notEditable('its style lets an edit change more than is asked');
  if (undoYamlChanges(edited, changes).text !== text) throw notEditable('its style does not let the edit be taken back');
  return { text: edited, changes };
}

type Step = readonly [TextEdit, YamlChange];

/** More than one step where `null` or an empty collection is written out. */
function* stepsOf(text: string, request: YamlRequest): Generator<Step> {
  const place: YamlPlace = { path: request.path, ...(request.document === undefined ? {} : { document: request.document }) };
  let file = parseYamlFile(text);
  if (request.kind === 'replace-item') return yield replaceItem(file, place, request.from, request.to);
  const empty = opened(file, place, request.kind === 'add-item' ? '[]' : '{}');
  if (empty !== undefined) {
    yield empty;
    file = parseYamlFile(withEdits(text, [empty[0]]));
  }
  const at = resolvePlace(file, place);
  if (request.kind === 'set-entry' && at.missing.length === 0) {
    const step = replaceEntry(file, place, at, request.key, request.value);
    if (step !== 'absent') {
      if (step !== 'same') yield step;
      return;
    }
  }
  yield add(file, place, at, request);
}

function add(file: YamlFile, place: YamlPlace, at: Resolved, request: Exclude<YamlRequest, { kind: 'replace-item' }>): Step {
  const { value } = request;
  const created = at.missing.length;
  const change: YamlChange =
    request.kind === 'add-item'
      ? { ...place, kind: 'item-added', value, created }
      : { ...place, kind: 'entry-added', key: request.key, value, created };
  const own = request.kind === 'add-item' ? [value] : { [request.key]: value };
  const [first, ...rest] = at.missing;
  if (first === undefined) {
    const insertion =
      request.kind === 'add-item' ? ({ kind: 'item', value } as const) : ({ kind: 'entry', key: request.key, value } as const);
    return [insertionAt(file, at, insertion), change];
  }
  if (at.missing.some((step) => typeof step !== 'string')) throw notEditable('it is not there', place.path);
  return [insertionAt(file, at, { kind: 'entry', key: String(first), value: nested(rest, own) }), change];
}

/**
 * Makes room where `null`, `{}` or `[]` is written out: in block style nothing is left of it, so that lines can follow below;
 * inside braces a `null` becomes an empty collection.
 */
function opened(file: YamlFile, place: YamlPlace, empty: '[]' | '{}'): Step | undefined {
  const { node, missing, pair, isPairInFlow } = resolvePlace(file, place);
  if (pair === undefined || node === undefined) return undefined;
  const isNull = isScalar(node) && node.value === null && node.source !== '';
  const isEmpty = isCollection(node) && node.flow === true && node.items.length === 0;
  if (!isNull && (!isEmpty || isPairInFlow)) return undefined;
  const path = place.path.slice(0, place.path.length - missing.length - 1);
  const change = { ...place, path, kind: 'entry-replaced', key: String(place.path[path.length]) } as const;
  if (isPairInFlow) {
    const after = missing.length > 0 ? '{}' : empty;
    return [replacing(node, after), { ...change, before: sourceOf(file, node), after }];
  }
  const start = behindColon(file.text, pair);
  const end = node.range?.[1] ?? 0;
  // An anchor or a tag in between belongs to somebody.
  if (file.text.slice(start, node.range?.[0]).trim() !== '') return undefined;
  return [
    { start, end, text: '' },
    { ...change, before: file.text.slice(start, end), after: '' },
  ];
}

function replaceEntry(
  file: YamlFile,
  place: YamlPlace,
  at: Resolved,
  key: string,
  value: Parameters<typeof flowText>[0],
): Step | 'absent' | 'same' {
  if (!isMap(at.node)) return 'absent';
  const pair = (at.node as YAMLMap<Node, Node | null>).items.find((each) => isScalar(each.key) && each.key.value === key);
  if (pair === undefined) return 'absent';
  const node = pair.value;
  if (!isScalar(node) || node.source === '') throw notEditable('there is no plain value to replace', [...place.path, key]);
  if (node.value === value) return 'same';
  const before = sourceOf(file, node);
  const after = scalarSource(value, node, before);
  return [replacing(node, after), { ...place, kind: 'entry-replaced', key, before, after }];
}

function replaceItem(file: YamlFile, place: YamlPlace, from: string, to: string): Step {
  const { node, missing } = resolvePlace(file, place);
  const items = missing.length === 0 && isSeq(node) ? (node as YAMLSeq<Node>).items : [];
  const item = items.findLast((each) => isScalar(each) && each.value === from);
  if (item === undefined) throw notEditable(`it has no item ${from}`, place.path);
  const before = sourceOf(file, item);
  const after = scalarSource(to, item, before);
  return [replacing(item, after), { ...place, kind: 'item-replaced', before, after }];
}

function replacing(node: Node, text: string): TextEdit {
  return { start: node.range?.[0] ?? 0, end: node.range?.[1] ?? 0, text };
}

function sourceOf({ text }: YamlFile, node: Node): string {
  return text.slice(node.range?.[0], node.range?.[1]);
}
