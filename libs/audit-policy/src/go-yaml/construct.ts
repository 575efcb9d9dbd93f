import { ask, run, type Step } from '../trampoline.ts';
import { formatGoSyntax } from './go-syntax.ts';
import { type Mark, YamlError } from './mark.ts';
import type { AliasNode, MappingNode, ScalarNode, YamlNode } from './node.ts';
import { BINARY_TAG, MERGE_TAG, resolveScalar, type YamlScalar } from './resolve.ts';
import { isCollection, type YamlMap, type YamlMapEntry, type YamlValue } from './yaml-value.ts';

/** A key that a mapping has twice. The later one counts. */
export interface DuplicateKey {
  /** go-yaml's words, the line of the value counted from 1: `line 5: key "level" already set in map`. */
  readonly message: string;
  readonly mark: Mark;
  readonly end: Mark;
  /** The entry that does not count. */
  readonly earlier: { readonly start: Mark; readonly end: Mark };
}

export interface Constructed {
  readonly value: YamlValue;
  readonly duplicates: readonly DuplicateKey[];
}

/**
 * The value of a YAML document: scalars resolved, aliases followed, merge keys merged; a port of
 * go.yaml.in/yaml/v2 v2.4.3 decode.go for a target of type `interface{}`.
 *
 * Aliases that blow a document up are refused as go-yaml refuses them, so work is bounded by the length of the text.
 *
 * @throws {YamlError}
 */
export function construct(root: YamlNode): Constructed {
  const construction = new Construction();
  return { value: run(construction.construct(root)), duplicates: construction.duplicates };
}

class Construction {
  readonly duplicates: DuplicateKey[] = [];
  /** The document itself counts. */
  #nodes = 1;
  #nodesByAlias = 0;
  #aliasDepth = 0;
  readonly #openAliases = new Set<AliasNode>();

  *construct(node: YamlNode): Step<YamlValue> {
    if (node.kind === 'alias') return yield* this.#followAlias(node, (target) => this.construct(target));
    this.#count();
    if (node.kind === 'scalar') return { content: constructScalar(node), mark: node.start, end: node.end };
    if (node.kind === 'mapping') {
      const map: YamlMap = { type: 'map', entries: new Map() };
      yield* ask(this.#fill(map, node));
      return { content: map, mark: node.start, end: node.end };
    }
    const items: YamlValue[] = [];
    for (const item of node.items) items.push(yield* ask(this.construct(item)));
    return { content: { type: 'list', items }, mark: node.start, end: node.end };
  }

  *#fill(map: YamlMap, node: MappingNode): Step<void> {
    for (const { key, value } of node.pairs) {
      if (isMerge(key)) {
        yield* this.#merge(map, value);
        continue;
      }
      const constructedKey = yield* ask(this.construct(key));
      const content = constructedKey.content;
      if (isCollection(content)) throw new YamlError(`invalid map key: ${formatGoSyntax(constructedKey)}`);
      const constructedValue = yield* ask(this.construct(value));
      this.#set(map, { key: content, keyMark: key.start, keyEnd: key.end, value: constructedValue }, value);
    }
  }

  #set(map: YamlMap, entry: YamlMapEntry, written: YamlNode): void {
    const identity = identityOf(entry.key, map.entries.size);
    const earlier = map.entries.get(identity);
    if (earlier !== undefined) {
      const text = formatGoSyntax({ content: entry.key, mark: entry.keyMark, end: entry.keyEnd });
      this.duplicates.push({
        message: `line ${written.start.line + 1}: key ${text} already set in map`,
        mark: entry.keyMark,
        end: entry.keyEnd,
        earlier: { start: earlier.keyMark, end: earlier.value.end },
      });
    }
    map.entries.set(identity, entry);
  }

  /** `<<: value`: the pairs of a mapping, or of several, the first of them the strongest. */
  *#merge(map: YamlMap, node: YamlNode): Step<void> {
    const merged = node.kind === 'sequence' ? node.items.toReversed() : [node];
    for (const one of merged) {
      const target = one.kind === 'alias' ? one.target : one;
      if (target.kind !== 'mapping') throw new YamlError('map merge requires map or sequence of maps as the value');
      if (one.kind === 'alias') yield* this.#followAlias(one, () => this.#countAndFill(map, target));
      else yield* ask(this.#countAndFill(map, target));
    }
  }

  *#countAndFill(map: YamlMap, node: MappingNode): Step<void> {
    this.#count();
    yield* ask(this.#fill(map, node));
  }

  *#followAlias<Result>(node: AliasNode, follow: (target: YamlNode) => Step<Result>): Step<Result> {
    this.#count();
    if (this.#openAliases.has(node)) throw new YamlError(`anchor '${node.name}' value contains itself`);
    this.#openAliases.add(node);
    this.#aliasDepth++;
    const result = yield* ask(follow(node.target));
    this.#aliasDepth--;
    this.#openAliases.delete(node);
    return result;
  }

  /** decode.go unmarshal: the guard against a small text with a large value. */
  #count(): void {
    this.#nodes++;
    if (this.#aliasDepth > 0) this.#nodesByAlias++;
    if (this.#nodesByAlias <= 100 || this.#nodes <= 1000) return;
    if (this.#nodesByAlias / this.#nodes > allowedAliasRatio(this.#nodes)) throw new YamlError('document contains excessive aliasing');
  }
}

/** 99 % of the nodes up to 400,000 of them, 10 % from 4,000,000 on, a straight line between. */
function allowedAliasRatio(nodes: number): number {
  if (nodes <= 400_000) return 0.99;
  return nodes >= 4_000_000 ? 0.1 : 0.99 - 0.89 * ((nodes - 400_000) / 3_600_000);
}

function constructScalar(node: ScalarNode): YamlScalar {
  if (node.tag === '' && !node.implicit) return node.value;
  if (node.tag !== BINARY_TAG) return resolveScalar(node.tag, node.value);
  const encoded = node.value.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded))
    throw new YamlError('!!binary value contains invalid base64 data');
  return Buffer.from(encoded, 'base64').toString('utf8');
}

function isMerge(key: YamlNode): boolean {
  return key.kind === 'scalar' && key.value === '<<' && (key.implicit || key.tag === MERGE_TAG);
}

/** Two keys are one when Go says that they are equal: same type, same value; a NaN equals nothing. */
function identityOf(key: YamlScalar, unique: number): string {
  if (typeof key !== 'object' || key === null) return `${typeof key} ${key}`;
  if (key.type === 'float64') return Number.isNaN(key.value) ? `NaN ${unique}` : `float64 ${key.value + 0}`;
  return `${key.type} ${key.value}`;
}
