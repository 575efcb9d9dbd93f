import type { Check, CheckText, Finding } from '@k8s-audit/checks';
import { ARCHIVES_PATTERN, INDEX_RETENTION_NAME, INDEX_TEMPLATE, INDEX_TEMPLATE_NAME } from '@k8s-audit/wazuh-config';
import type { Indexer } from './indexer.ts';
import { holds, type JsonObject } from './kept.ts';

export interface IndexerSight {
  /** Absent: nobody said where it is. */
  readonly indexer?: Indexer;
  /** Wazuh writes archives.json, and when it did last; absent: its archive is off. */
  readonly archive?: { readonly lastWrittenMs?: number };
  readonly nowMs: number;
}

export const INDEXER_CHECKS: readonly CheckText[] = [
  {
    id: 'indexer-reachable',
    category: 'archive',
    statement: 'the indexer answers and takes documents',
    why: 'Alerts and archives reach the dashboard through it. Asked with --indexer; a cluster that is red refuses documents.',
  },
  {
    id: 'index-template',
    category: 'archive',
    statement: 'new indices get the fields as they are meant',
    why: 'Wazuh’s own template makes every text a keyword, and a keyword above 32,766 bytes loses the whole document. The addition `k8s-audit` keeps bodies out of the index and times as times.',
    needs: ['indexer-reachable'],
  },
  {
    id: 'index-mapping',
    category: 'archive',
    statement: 'no field of an audit event is of two types',
    why: 'A field that is a text in one index and an object in another makes the indexer refuse documents, and searches fail. An index that has more fields than 10,000 takes no new ones.',
    needs: ['indexer-reachable'],
  },
  {
    id: 'archive-fresh',
    category: 'archive',
    statement: 'what Wazuh archives reaches the index',
    why: 'The newest document of wazuh-archives-* is held against the time at which Wazuh last wrote archives.json: Filebeat may have stopped, or the indexer refuses what it sends.',
    needs: ['indexer-reachable'],
  },
  {
    id: 'index-retention',
    category: 'archive',
    statement: 'old indices of the archive go by themselves',
    why: 'An archive grows by the day; without a policy it fills the indexer’s disk, and then nothing is written any more.',
    needs: ['indexer-reachable'],
  },
];

export function indexerChecks(look: () => Promise<IndexerSight>): readonly Check[] {
  const answers: Readonly<Record<string, (indexer: Indexer, sight: IndexerSight) => Promise<Finding>>> = {
    'indexer-reachable': reachable,
    'index-template': template,
    'index-mapping': mapping,
    'archive-fresh': fresh,
    'index-retention': retention,
  };
  return INDEXER_CHECKS.map((text) => ({
    ...text,
    run: async () => {
      const sight = await look();
      if (sight.indexer === undefined) return { kind: 'skipped', seen: 'not asked: --indexer URL' };
      return (answers[text.id] as (indexer: Indexer, sight: IndexerSight) => Promise<Finding>)(sight.indexer, sight);
    },
  }));
}

const INSTALL = 'k8s-audit wazuh install --archive wazuh --indexer URL';
const INDICES = 'wazuh-alerts-4.x-*,wazuh-archives-4.x-*';
/** index.mapping.total_fields.limit of Wazuh's template (wazuh v4.14.7 extensions/elasticsearch/7.x/wazuh-template.json). */
const FIELD_LIMIT = 10_000;
const NEAR_FIELD_LIMIT = 9_000;
/** Filebeat sends within seconds; a busy indexer is allowed some minutes. */
const LATE_MS = 10 * 60_000;
/** Wazuh's archive holds every agent's events: an hour without any is none that anybody runs. */
const SILENT_MS = 60 * 60_000;

async function reachable(indexer: Indexer): Promise<Finding> {
  const version = await indexer.version();
  const { status } = await indexer.health();
  const seen = `${indexer.url}: OpenSearch ${version}, ${status}`;
  return status === 'red'
    ? { kind: 'failure', seen, next: 'GET _cluster/allocation/explain says which index lacks its primary, and why' }
    : { kind: 'ok', seen };
}

async function template(indexer: Indexer): Promise<Finding> {
  const found = await indexer.template(INDEX_TEMPLATE_NAME).read();
  if (found === undefined) return { kind: 'warning', seen: `there is no template ${INDEX_TEMPLATE_NAME}`, next: INSTALL };
  return holds(found, INDEX_TEMPLATE)
    ? { kind: 'ok', seen: `template ${INDEX_TEMPLATE_NAME}` }
    : { kind: 'warning', seen: `template ${INDEX_TEMPLATE_NAME} is not the one of this version`, next: INSTALL };
}

async function mapping(indexer: Indexer): Promise<Finding> {
  const fields = await indexer.fieldTypes(INDICES);
  if (fields.size === 0) return { kind: 'skipped', seen: `no index ${INDICES}` };
  const ours = [...fields].filter(([name]) => name.startsWith('data.k8s.') || name === 'data.apiVersion' || name === 'data.srcip');
  const conflicts = ours.flatMap(([name, types]) =>
    Object.keys(types).length > 1 ? [`${name} is ${Object.keys(types).join(' and ')}`] : [],
  );
  if (conflicts.length > 0)
    return {
      kind: 'failure',
      seen: conflicts.slice(0, 5).join('; '),
      next: 'index the older indices anew (POST _reindex) or let them go: from the next day on new ones follow the template',
    };
  const indexed = ours.filter(
    ([name, types]) => /[.](request|response)$/.test(name) && Object.values(types).some((type) => type.searchable),
  );
  if (indexed.length > 0)
    return {
      kind: 'warning',
      seen: `bodies are indexed: ${indexed.map(([name]) => name).join(', ')}`,
      next: `${INSTALL}; holds from the next day’s index on`,
    };
  if (fields.size > NEAR_FIELD_LIMIT)
    return {
      kind: 'warning',
      seen: `${fields.size} fields of ${FIELD_LIMIT}`,
      next: 'see which source makes them: GET INDEX/_field_caps?fields=*',
    };
  return { kind: 'ok', seen: `${ours.length} of ${fields.size} fields are of audit events` };
}

async function fresh(indexer: Indexer, { archive, nowMs }: IndexerSight): Promise<Finding> {
  if (archive === undefined) return { kind: 'skipped', seen: 'Wazuh’s archive is off' };
  const newest = { size: 0, aggs: { newest: { max: { field: '@timestamp' } } } };
  const answer = await indexer.search(ARCHIVES_PATTERN, newest);
  const newestMs = (answer?.['aggregations'] as { newest?: { value?: number | null } } | undefined)?.newest?.value ?? undefined;
  const next = 'systemctl status filebeat; journalctl -u filebeat | grep -i "cannot index"';
  if (newestMs === undefined) return { kind: 'failure', seen: `${ARCHIVES_PATTERN} holds nothing`, next };
  const seen = `newest of ${ARCHIVES_PATTERN}: ${new Date(newestMs).toISOString()}`;
  const writtenMs = archive.lastWrittenMs;
  if (writtenMs !== undefined && writtenMs - newestMs > LATE_MS)
    return { kind: 'failure', seen: `${seen}, archives.json was written at ${new Date(writtenMs).toISOString()}`, next };
  if (nowMs - newestMs > SILENT_MS)
    return { kind: 'warning', seen, next: `nothing is archived any more: archive-settings, wazuh-daemon; ${next}` };
  return { kind: 'ok', seen };
}

async function retention(indexer: Indexer, { archive }: IndexerSight): Promise<Finding> {
  if (archive === undefined) return { kind: 'skipped', seen: 'Wazuh’s archive is off' };
  if (!(await indexer.canDeleteOldIndices()))
    return { kind: 'warning', seen: 'the indexer has no Index State Management', next: 'delete old wazuh-archives-* by a job of your own' };
  const policy = await indexer.policy(INDEX_RETENTION_NAME).read();
  if (policy === undefined)
    return { kind: 'warning', seen: `there is no policy ${INDEX_RETENTION_NAME}`, next: `${INSTALL} --retention DAYS` };
  return { kind: 'ok', seen: `policy ${INDEX_RETENTION_NAME}: ${describe(policy)}` };
}

function describe(policy: JsonObject): string {
  return String((policy['policy'] as JsonObject | undefined)?.['description'] ?? '');
}
