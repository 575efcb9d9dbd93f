/** A saved object of the Wazuh dashboard (OpenSearch Dashboards 2.19), as its import reads it: one a line. */
export interface SavedObject {
  readonly id: string;
  readonly type: 'index-pattern' | 'search';
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly { readonly name: string; readonly type: string; readonly id: string }[];
  readonly migrationVersion: Readonly<Record<string, string>>;
}

/** By Wazuh's custom an index pattern's id is its title. */
export const ARCHIVES_PATTERN = 'wazuh-archives-*';

/** Columns of the saved search: who did what to which object, from where, and what became of it. */
const COLUMNS = [
  'data.k8s.cluster',
  'data.k8s.user.username',
  'data.k8s.action',
  'data.k8s.objectRef.namespace',
  'data.k8s.objectRef.name',
  'data.srcip',
  'data.k8s.outcome',
];

const INDEX = 'kibanaSavedObjectMeta.searchSourceJSON.index';
const FILTER_INDEX = 'kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index';

/** The archive's index pattern, and the search that shows every Kubernetes audit event in it: `data.apiVersion: exists`. */
export const ARCHIVE_OBJECTS: readonly SavedObject[] = [
  {
    id: ARCHIVES_PATTERN,
    type: 'index-pattern',
    attributes: { title: ARCHIVES_PATTERN, timeFieldName: '@timestamp' },
    references: [],
    migrationVersion: { 'index-pattern': '7.6.0' },
  },
  {
    id: 'k8s-audit-archive',
    type: 'search',
    attributes: {
      title: 'Kubernetes audit: every event',
      description: 'All audit events of all clusters, with and without an alert.',
      columns: COLUMNS,
      sort: [['@timestamp', 'desc']],
      version: 1,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({
          query: { query: '', language: 'kuery' },
          filter: [
            {
              $state: { store: 'appState' },
              exists: { field: 'data.apiVersion' },
              meta: {
                alias: null,
                disabled: false,
                key: 'data.apiVersion',
                negate: false,
                type: 'exists',
                value: 'exists',
                indexRefName: FILTER_INDEX,
              },
            },
          ],
          indexRefName: INDEX,
        }),
      },
    },
    references: [
      { name: INDEX, type: 'index-pattern', id: ARCHIVES_PATTERN },
      { name: FILTER_INDEX, type: 'index-pattern', id: ARCHIVES_PATTERN },
    ],
    migrationVersion: { search: '7.9.3' },
  },
];

/** NDJSON for “Stack management → Saved objects → Import”, or `POST /api/saved_objects/_import`. */
export function renderSavedObjects(objects: readonly SavedObject[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}
