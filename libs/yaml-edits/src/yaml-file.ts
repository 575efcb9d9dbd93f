import { Failure } from '@k8s-audit/failure';
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseAllDocuments, type YAMLMap, type YAMLSeq } from 'yaml';
import type { PathStep, YamlPlace } from './yaml-change.ts';

/** A text and what it means, read once. */
export interface YamlFile {
  readonly text: string;
  /** What ends its lines; of a text without any, a line feed. */
  readonly eol: '\n' | '\r\n';
  readonly documents: readonly Document.Parsed[];
}

/** Go reads YAML 1.1; the model is only used for places, so what a bare `yes` means does not matter. */
const PARSE_OPTIONS = { version: '1.1', keepSourceTokens: true, uniqueKeys: true } as const;

/** A manifest has 4 KB. The parser needs seconds for a hostile file of a megabyte. */
const MAX_CHARACTERS = 256 * 1024;

/** @throws Failure YAML_UNREADABLE with line and column */
export function parseYamlFile(text: string): YamlFile {
  if (text.length > MAX_CHARACTERS) throw unreadable(`it has more than ${MAX_CHARACTERS} characters`);
  const documents = readDocuments(text);
  for (const { errors } of documents) if (errors[0] !== undefined) throw unreadable(errors[0].message, errors[0].linePos?.[0]);
  return { text, eol: /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n', documents };
}

/** A byte order mark is no part of the first line: it would move its column. */
export function splitByteOrderMark(text: string): readonly [mark: string, body: string] {
  return text.startsWith('\uFEFF') ? ['\uFEFF', text.slice(1)] : ['', text];
}

/** The data of every document. @throws Failure YAML_UNREADABLE: aliases that unfold without end */
export function dataOf(file: YamlFile): readonly unknown[] {
  try {
    return file.documents.map((document) => document.toJS() as unknown);
  } catch (cause) {
    throw unreadable((cause as Error).message);
  }
}

/** @returns its index; -1 for the one document of a file that holds none yet (empty, or comments alone) */
export function documentIndex(file: YamlFile, kind: string | undefined): number {
  if (kind === undefined && file.documents.length === 0) return -1;
  const fitting = file.documents.flatMap((document, index) => (kind === undefined || document.get('kind') === kind ? [index] : []));
  if (fitting.length === 1) return fitting[0] as number;
  const what = kind === undefined ? 'document' : `document of kind ${kind}`;
  throw new Failure('YAML_UNSUITABLE', fitting.length === 0 ? `There is no ${what}.` : `There is more than one ${what}.`, {
    hint: 'Is it the right file? It must hold exactly one.',
  });
}

/** How far a path leads into a document. */
export interface Resolved {
  /** The node at its end, or the last one on the way. Undefined: the document is empty. */
  readonly node: Node | undefined;
  /** Where `node` hangs, if that is a map. */
  readonly pair: Pair<Node, Node | null> | undefined;
  /** Steps that lead nowhere. Empty: `node` is at the end of the path. */
  readonly missing: readonly PathStep[];
  /** `node`, or the map that `pair` stands in, is written inside braces or brackets. */
  readonly inFlow: boolean;
  readonly isPairInFlow: boolean;
}

/** @throws Failure YAML_UNSUITABLE: an alias on the way, whose change would change other places too */
export function resolvePlace(file: YamlFile, place: YamlPlace): Resolved {
  const index = documentIndex(file, place.document);
  let node: Node | undefined = (file.documents[index]?.contents as Node | null | undefined) ?? undefined;
  let pair: Pair<Node, Node | null> | undefined;
  let inFlow = false;
  let isPairInFlow = false;
  for (const [depth, step] of place.path.entries()) {
    inFlow ||= isCollection(node) && node.flow === true;
    const next = stepInto(node, step);
    if (next === undefined) return { node, pair, missing: place.path.slice(depth), inFlow, isPairInFlow };
    if (isAlias(next.node))
      throw new Failure(
        'YAML_UNSUITABLE',
        `${pathText(place.path.slice(0, depth + 1))} is an alias: a change of it would change other places.`,
        {
          hint: 'Write the value out in place of the alias, then try again.',
        },
      );
    isPairInFlow = inFlow;
    node = next.node;
    pair = next.pair;
  }
  return { node, pair, missing: [], inFlow: inFlow || (isCollection(node) && node.flow === true), isPairInFlow };
}

export type YamlCollection = YAMLMap<Node, Node | null> | YAMLSeq<Node>;

export function isCollection(node: unknown): node is YamlCollection {
  return isMap(node) || isSeq(node);
}

export function pathText(path: readonly PathStep[]): string {
  return path
    .map((step) => (typeof step === 'string' ? `.${step}` : `[${typeof step === 'number' ? step : step.name}]`))
    .join('')
    .replace(/^\./, '');
}

function stepInto(
  node: Node | undefined,
  step: PathStep,
): { node: Node | undefined; pair: Pair<Node, Node | null> | undefined } | undefined {
  if (typeof step === 'string') {
    const pair = isMap(node)
      ? (node as YAMLMap<Node, Node | null>).items.find(({ key }) => isScalar(key) && key.value === step)
      : undefined;
    return pair === undefined ? undefined : { node: pair.value ?? undefined, pair };
  }
  if (!isSeq(node)) return undefined;
  const items = node.items as readonly Node[];
  const item = typeof step === 'number' ? items[step] : items.find((each) => isMap(each) && each.get('name') === step.name);
  return item === undefined ? undefined : { node: item, pair: undefined };
}

function readDocuments(text: string): readonly Document.Parsed[] {
  try {
    return parseAllDocuments(text, PARSE_OPTIONS);
  } catch (cause) {
    // Thousands of nested brackets exhaust the parser's stack.
    if (cause instanceof RangeError) throw unreadable('it is nested too deep');
    throw cause;
  }
}

function unreadable(message: string, at?: { readonly line: number; readonly col: number }): Failure {
  const place = at === undefined ? '' : ` (line ${at.line}, column ${at.col})`;
  return new Failure(
    'YAML_UNREADABLE',
    `This is no YAML that can be edited: ${message.split('\n', 1)[0]?.replace(/ at line.*$/, '') ?? ''}${place}.`,
    {
      hint: 'Mend the file first; nothing was changed.',
    },
  );
}
