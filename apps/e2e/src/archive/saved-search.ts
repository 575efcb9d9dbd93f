import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

interface SavedObject {
  readonly id: string;
  readonly attributes: {
    readonly title: string;
    readonly timeFieldName: string;
    readonly kibanaSavedObjectMeta: { readonly searchSourceJSON: string };
  };
  readonly references: readonly { readonly id: string }[];
}

/** What the dashboard asks the indexer when the saved search is opened: its filter, in the pattern that it names. */
export function savedSearch(file: string): { readonly pattern: string; readonly timeField: string; readonly query: object } {
  const objects = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SavedObject);
  const [pattern, search] = objects as [SavedObject, SavedObject];
  const source = JSON.parse(search.attributes.kibanaSavedObjectMeta.searchSourceJSON) as {
    readonly filter: readonly { readonly exists: { readonly field: string } }[];
  };
  assert.equal(search.references[0]?.id, pattern.id);
  const { title, timeFieldName } = pattern.attributes;
  return { pattern: title, timeField: timeFieldName, query: { exists: source.filter[0]?.exists } };
}
