import type { Event } from './event.ts';
import { type Mark, YamlError } from './mark.ts';
import { createParser } from './parser.ts';

/** One node of a YAML document, as written: nothing resolved, nothing expanded. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly start: Mark;
  /** Behind its last character; comments and blank lines after it do not belong to it. */
  readonly end: Mark;
  readonly tag: string;
  readonly value: string;
  readonly implicit: boolean;
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly start: Mark;
  readonly end: Mark;
  readonly tag: string;
  readonly items: readonly YamlNode[];
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly start: Mark;
  readonly end: Mark;
  readonly tag: string;
  readonly pairs: readonly { readonly key: YamlNode; readonly value: YamlNode }[];
}

export interface AliasNode {
  readonly kind: 'alias';
  readonly start: Mark;
  readonly end: Mark;
  readonly name: string;
  readonly target: YamlNode;
}

export interface YamlDocument {
  /** Undefined: the text holds no document. */
  readonly root: YamlNode | undefined;
  /** Where something after the first document starts; kube-apiserver never looks there. */
  readonly more: Mark | undefined;
}

/**
 * The first document of a text as a tree.
 *
 * @throws {YamlError} what go-yaml says of a text that it does not take
 */
export function composeDocument(text: Uint8Array): YamlDocument {
  const next = createParser(text);
  next();
  if (next()?.type !== 'document-start') return { root: undefined, more: undefined };
  const root = composeNode(next);
  next();
  return { root, more: startOfMore(next) };
}

/** A collection whose end has not come yet; `key` waits for its value. */
interface Open {
  readonly node: SequenceNode | MappingNode;
  key: YamlNode | undefined;
}

/** No recursion: depth is up to the text. */
function composeNode(next: () => Event | undefined): YamlNode {
  const anchors = new Map<string, YamlNode>();
  const open: Open[] = [];
  for (;;) {
    const event = next();
    if (event === undefined) throw new YamlError('attempted to go past the end of stream; corrupted value?');
    if (event.type === 'sequence-start' || event.type === 'mapping-start') {
      const node: SequenceNode | MappingNode =
        event.type === 'sequence-start'
          ? { kind: 'sequence', start: event.start, end: event.end, tag: event.tag, items: [] }
          : { kind: 'mapping', start: event.start, end: event.end, tag: event.tag, pairs: [] };
      // Known before its content is: an alias inside may name it.
      if (event.anchor !== undefined) anchors.set(event.anchor, node);
      open.push({ node, key: undefined });
      continue;
    }
    const ended = event.type === 'sequence-end' || event.type === 'mapping-end';
    const node = ended ? close(open.pop()?.node, event) : composeLeaf(event, anchors);
    const parent = open.at(-1);
    if (node === undefined) throw new YamlError('unknown problem parsing YAML content');
    if (parent === undefined) return node;
    addTo(parent, node);
  }
}

/** A bracket ends where it is written, a block with the last thing in it. */
function close(node: SequenceNode | MappingNode | undefined, event: Event): YamlNode | undefined {
  if (node === undefined) return undefined;
  const last = node.kind === 'sequence' ? node.items.at(-1) : node.pairs.at(-1)?.value;
  (node as { end: Mark }).end = event.end.index > event.start.index ? event.end : (last?.end ?? node.end);
  return node;
}

function composeLeaf(event: Event, anchors: Map<string, YamlNode>): YamlNode {
  if (event.type === 'alias') {
    const target = anchors.get(event.anchor ?? '');
    if (target === undefined) throw new YamlError(`unknown anchor '${event.anchor}' referenced`);
    return { kind: 'alias', start: event.start, end: event.end, name: event.anchor ?? '', target };
  }
  const node: YamlNode = {
    kind: 'scalar',
    start: event.start,
    end: event.end,
    tag: event.tag,
    value: event.value,
    implicit: event.implicit,
  };
  if (event.anchor !== undefined) anchors.set(event.anchor, node);
  return node;
}

function addTo(parent: Open, node: YamlNode): void {
  if (parent.node.kind === 'sequence') (parent.node.items as YamlNode[]).push(node);
  else if (parent.key === undefined) parent.key = node;
  else {
    (parent.node.pairs as { key: YamlNode; value: YamlNode }[]).push({ key: parent.key, value: node });
    parent.key = undefined;
  }
}

/** A later document may be as broken as it likes. */
function startOfMore(next: () => Event | undefined): Mark | undefined {
  try {
    const event = next();
    return event?.type === 'document-start' ? event.start : undefined;
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}
