import { type Finding, runChecks } from '@k8s-audit/checks';
import { INDEX_RETENTION_NAME, INDEX_TEMPLATE, INDEX_TEMPLATE_NAME, renderIndexRetention } from '@k8s-audit/wazuh-config';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type IndexerStandIn, startIndexerStandIn } from '../testing/indexer-stand-in.ts';
import { createIndexer } from './indexer.ts';
import { INDEXER_CHECKS, type IndexerSight, indexerChecks } from './indexer-checks.ts';

const NOW_MS = Date.UTC(2026, 5, 1, 12);
const MINUTE_MS = 60_000;
let standIn: IndexerStandIn;
beforeEach(async () => {
  standIn = await startIndexerStandIn();
  standIn.templates.set(INDEX_TEMPLATE_NAME, INDEX_TEMPLATE as Record<string, unknown>);
  standIn.policies.set(INDEX_RETENTION_NAME, renderIndexRetention(365) as Record<string, unknown>);
  standIn.newestDocumentMs = NOW_MS - MINUTE_MS;
  standIn.fields = {
    'data.apiVersion': { keyword: { type: 'keyword', searchable: true } },
    'data.k8s.request': { keyword: { type: 'keyword', searchable: false } },
  };
});
afterEach(() => standIn.close());

const body = (searchable: boolean): object => ({ 'data.k8s.request': { keyword: { type: 'keyword', searchable } } });

interface Case {
  readonly when: string;
  readonly breakIt?: () => void;
  /** What the indexer says then. */
  readonly state?: Partial<Pick<IndexerStandIn, 'health' | 'fields' | 'newestDocumentMs' | 'hasIndexManagement'>>;
  readonly sight?: Partial<IndexerSight>;
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  { when: 'all is well', expected: [] },
  {
    when: 'nobody is there',
    sight: { indexer: createIndexer({ url: 'http://127.0.0.1:1' }) },
    // The others are not asked then.
    expected: ['indexer-reachable failure'],
  },
  { when: 'it is red', state: { health: 'red' }, expected: ['indexer-reachable failure'] },
  { when: 'the template is gone', breakIt: () => standIn.templates.clear(), expected: ['index-template warning'] },
  {
    when: 'the template is another',
    breakIt: () => standIn.templates.set(INDEX_TEMPLATE_NAME, { ...INDEX_TEMPLATE, order: 0 }),
    expected: ['index-template warning'],
  },
  {
    when: 'a field is of two types',
    state: { fields: { 'data.k8s.verb': { keyword: { searchable: true }, object: { searchable: false } } } },
    expected: ['index-mapping failure'],
  },
  {
    when: 'bodies are indexed',
    state: { fields: body(true) as Record<string, unknown> },
    expected: ['index-mapping warning'],
  },
  {
    when: 'there are too many fields',
    state: { fields: Object.fromEntries(Array.from({ length: 9_500 }, (_, index) => [`data.f${index}`, { keyword: {} }])) },
    expected: ['index-mapping warning'],
  },
  { when: 'Filebeat has stopped', sight: { archive: { lastWrittenMs: NOW_MS + 20 * MINUTE_MS } }, expected: ['archive-fresh failure'] },
  { when: 'nothing was ever sent', state: { newestDocumentMs: undefined }, expected: ['archive-fresh failure'] },
  {
    when: 'nothing is archived any more',
    sight: { archive: { lastWrittenMs: NOW_MS }, nowMs: NOW_MS + 90 * MINUTE_MS },
    expected: ['archive-fresh warning'],
  },
  { when: 'no policy deletes', breakIt: () => standIn.policies.clear(), expected: ['index-retention warning'] },
  { when: 'nothing could delete', state: { hasIndexManagement: false }, expected: ['index-retention warning'] },
];

const isComplaint = ({ kind }: Finding): boolean => kind === 'failure' || kind === 'warning';

it.each(CASES)('$expected when $when', async ({ breakIt, state = {}, sight = {}, expected }) => {
  breakIt?.();
  Object.assign(standIn, state);
  const indexer = createIndexer({ url: standIn.url, login: { user: 'admin', password: 'secret' } });
  const results = await runChecks(indexerChecks(async () => ({ indexer, archive: { lastWrittenMs: NOW_MS }, nowMs: NOW_MS, ...sight })));

  expect(results.filter(({ finding }) => isComplaint(finding)).map(({ check, finding }) => `${check.id} ${finding.kind}`)).toEqual(
    expected,
  );
});

it('asks nobody when nobody is named, and nothing of an archive that is off', async () => {
  const unasked = await runChecks(indexerChecks(async () => ({ nowMs: NOW_MS })));
  expect(new Set(unasked.map(({ finding }) => finding.kind))).toEqual(new Set(['skipped']));

  const indexer = createIndexer({ url: standIn.url, login: { user: 'admin', password: 'secret' } });
  const off = await runChecks(indexerChecks(async () => ({ indexer, nowMs: NOW_MS })));
  expect(off.filter(({ finding }) => finding.kind === 'skipped').map(({ check }) => check.id)).toEqual([
    'archive-fresh',
    'index-retention',
  ]);
});

it('has a case that complains for each check', () => {
  const complained = CASES.flatMap(({ expected }) => expected.map((each) => each.split(' ')[0]));
  expect(new Set(complained)).toEqual(new Set(INDEXER_CHECKS.map(({ id }) => id)));
});
