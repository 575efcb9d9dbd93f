import type { Mark } from './mark.ts';
import type { YamlScalar } from './resolve.ts';

/** A YAML value as go-yaml hands it to Go: an `interface{}`. */
export interface YamlValue {
  readonly content: YamlScalar | YamlList | YamlMap;
  /** Where it is written; of an alias: where its anchor is. */
  readonly mark: Mark;
  readonly end: Mark;
}

export interface YamlList {
  readonly type: 'list';
  readonly items: YamlValue[];
}

/** A `map[interface{}]interface{}`, its entries by what Go takes for the same key. */
export interface YamlMap {
  readonly type: 'map';
  readonly entries: Map<string, YamlMapEntry>;
}

export interface YamlMapEntry {
  readonly key: YamlScalar;
  readonly keyMark: Mark;
  readonly keyEnd: Mark;
  readonly value: YamlValue;
}

export function isCollection(content: YamlValue['content']): content is YamlList | YamlMap {
  return typeof content === 'object' && content !== null && (content.type === 'list' || content.type === 'map');
}
