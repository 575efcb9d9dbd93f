/** Plain data, as JSON has it. */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** A key of a map, an index of a list, or the entry of a list that has this `name`. */
export type PathStep = string | number | { readonly name: string };

/** A collection in a file of one or more documents. */
export interface YamlPlace {
  /** The `kind` of the document, where the file holds several. */
  readonly document?: string;
  readonly path: readonly PathStep[];
}

/** What is wanted of a file. Missing maps and lists on the way are made. */
export type YamlRequest = YamlPlace &
  (
    | { readonly kind: 'add-item'; readonly value: YamlValue }
    | { readonly kind: 'set-entry'; readonly key: string; readonly value: YamlValue }
    /** Of several equal items the last, which is the one that a program heeds among repeated flags. */
    | { readonly kind: 'replace-item'; readonly from: string; readonly to: string }
  );

/**
 * What was done to a file: all that is needed to take it back, whatever else changed since. JSON, because it outlives the process.
 * `created`: how many of the last steps of the path did not exist before. `before` and `after` are source text, quotes included.
 */
export type YamlChange = YamlPlace &
  (
    | { readonly kind: 'item-added'; readonly value: YamlValue; readonly created: number }
    | { readonly kind: 'entry-added'; readonly key: string; readonly value: YamlValue; readonly created: number }
    | { readonly kind: 'item-replaced'; readonly before: string; readonly after: string }
    | { readonly kind: 'entry-replaced'; readonly key: string; readonly before: string; readonly after: string }
  );
