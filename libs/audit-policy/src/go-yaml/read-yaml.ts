import { type Data, DataError, type Place } from '../go-json/data.ts';
import { construct } from './construct.ts';
import { YamlError } from './mark.ts';
import { composeDocument } from './node.ts';
import { placeOf, toData } from './to-data.ts';

/** A YAML text as sigs.k8s.io/yaml reads it: the first document. */
export type YamlReading =
  | {
      readonly kind: 'data';
      readonly data: Data;
      /** What reading it strictly says, in go-yaml's words. */
      readonly duplicates: readonly DuplicatePlace[];
      /** Where a second document starts; nothing from there on is read. */
      readonly more: Place | undefined;
    }
  /** Go's words: `yaml: line 37: did not find expected key`. */
  | { readonly kind: 'broken'; readonly message: string; readonly place: Place | undefined };

/** A key that a mapping has twice: where it stands the second time, and the entry before that does not count. */
export interface DuplicatePlace {
  readonly message: string;
  readonly place: Place;
  readonly end: Place;
  readonly earlier: { readonly place: Place; readonly end: Place };
}

/** Reads YAML 1.1 with the semantics of go.yaml.in/yaml/v2 v2.4.3 and sigs.k8s.io/yaml v1.6.0. */
export function readYaml(text: Uint8Array): YamlReading {
  try {
    const { root, more } = composeDocument(text);
    if (root === undefined)
      return {
        kind: 'data',
        data: { kind: 'null', place: { line: 1, column: 1 }, end: { line: 1, column: 1 } },
        duplicates: [],
        more: undefined,
      };
    const { value, duplicates } = construct(root);
    return {
      kind: 'data',
      data: toData(value),
      duplicates: duplicates.map(({ message, mark, end, earlier }) => ({
        message,
        place: placeOf(mark),
        end: placeOf(end),
        earlier: { place: placeOf(earlier.start), end: placeOf(earlier.end) },
      })),
      more: more && placeOf(more),
    };
  } catch (error) {
    if (error instanceof YamlError) return { kind: 'broken', message: `yaml: ${error.message}`, place: error.mark && placeOf(error.mark) };
    if (error instanceof DataError) return { kind: 'broken', message: error.message, place: error.place };
    throw error;
  }
}
