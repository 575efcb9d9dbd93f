/**
 * `npm run e2e:archive`: Wazuh's archive as `k8s-audit wazuh install --archive wazuh --indexer` sets it up, on a real OpenSearch 2.19.1 (what the
 * Wazuh indexer is made of): template, mapping, the saved search over recorded events that went through receiver and back end, and every thing
 * put back by the uninstall. Not to be had here, and so not in it: Index State Management, OpenSearch Dashboards, Filebeat.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainFailure } from '@k8s-audit/failure';
import { ensureOpenSearchJars, startOpenSearch } from '@k8s-audit/testbed';
import { type ArchiveGround, createArchiveGround } from './archive/archive-ground.ts';
import { isAudit, k8sOf, longUri, ofAnAgent } from './archive/archive-lines.ts';
import { call, sendArchive, setUpFilebeat } from './archive/filebeat.ts';
import { savedSearch } from './archive/saved-search.ts';
import { eventually } from './eventually.ts';
import { createProduct } from './product-process.ts';
import { renderStep } from './report.ts';
import { ResultBook } from './result-book.ts';

const RECORDING = join(import.meta.dirname, '../../../fixtures/recorded/request-response.eventlists.jsonl');
const ARCHIVES = 'wazuh-archives-4.x-*';
/** A template of the same name that was there before, and comes back. */
const THEIRS = { order: 3, index_patterns: ['theirs-*'], mappings: { properties: { theirs: { type: 'keyword' } } } };
/** Beside audit events an archive holds what every agent sends. */
const OF_AN_AGENT = ['Accepted publickey for ada', 'session opened for user root'];

void main();

async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  const book = new ResultBook('archive', (result) => print(renderStep(result)));
  const folder = mkdtempSync(join(tmpdir(), 'k8s-audit-archive-'));
  const ended: (() => Promise<void>)[] = [];
  try {
    const indexer = await startOpenSearch(await ensureOpenSearchJars({ onProgress: progress, signal: stop.signal }), folder);
    ended.push(indexer.stop);
    const ground = await createArchiveGround(createProduct(), folder);
    ended.push(ground.stop);
    await book.attemptAll('archive', stepsOf(ground, indexer.url, stop.signal));
  } catch (error) {
    await book.attempt('archive', 'the run comes to its end', () => Promise.reject(error));
    process.stderr.write(`${explainFailure(error)}\n`);
  } finally {
    for (const end of ended.toReversed()) await end();
  }
  const failed = book.results.filter(({ outcome }) => outcome === 'failed').length;
  if (failed === 0) rmSync(folder, { recursive: true, force: true });
  else progress(`files and logs: ${folder}`);
  print(`\n${book.results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && book.results.length > 0 ? 0 : 1;
}

interface Step {
  readonly title: string;
  run(): Promise<void>;
}

function stepsOf(ground: ArchiveGround, indexer: string, signal: AbortSignal): readonly Step[] {
  const installing = ['--host', '127.0.0.1', '--cluster', 'prod-eu', '--archive', 'wazuh', '--retention', '90', '--indexer', indexer];
  let lines: readonly string[] = [];
  let audit: readonly string[] = [];
  return [
    {
      title: 'an indexer as Filebeat leaves it loses a document with a long URI',
      async run() {
        await setUpFilebeat(indexer);
        await call(indexer, 'PUT', '/_template/k8s-audit', THEIRS);
        const { taken, refused } = await sendArchive(indexer, [longUri()]);
        assert.deepEqual([taken, refused.length], [0, 1]);
        assert.match(refused[0] ?? '', /immense term|max_bytes_length_exceeded|32766/);
        await call(indexer, 'DELETE', `/${ARCHIVES}`);
      },
    },
    {
      title: 'a dry run shows the size and the template, and sends nothing',
      async run() {
        const shown = await ground.wazuh('install', ...installing, '--dry-run');
        assert.match(shown, /about [\d.]+ GB a day on disk/);
        assert.match(shown, /index template k8s-audit in .*\(in the place of another/);
        assert.match(shown, /has no Index State Management/);
        assert.deepEqual(await templateOf(indexer), THEIRS);
      },
    },
    {
      title: 'the installation puts its template beside Wazuh’s own',
      async run() {
        await ground.wazuh('install', ...installing, '--yes');
        assert.equal((await templateOf(indexer))?.['order'], 1);
        assert.ok((await call(indexer, 'GET', '/_template/wazuh'))['wazuh']);
      },
    },
    {
      title: 'recorded events go through receiver and back end into the archive, and each becomes a document',
      async run() {
        const events = await ground.post(RECORDING);
        await eventually(async () => assert.equal(ground.archiveLines().filter(isAudit).length, events), 60_000, signal);
        lines = [...ground.archiveLines(), ...OF_AN_AGENT.map(ofAnAgent), longUri()];
        audit = lines.filter(isAudit);
        assert.deepEqual(await sendArchive(indexer, lines), { taken: lines.length, refused: [] });
      },
    },
    {
      title: 'the saved search finds the audit events, all of them, and nothing else',
      async run() {
        const { pattern, timeField, query } = savedSearch(join(ground.tree.root, 'etc/k8s-audit/archive.ndjson'));
        const within = { range: { [timeField]: { gte: 'now-1h' } } };
        assert.equal(await countOf(indexer, pattern, { match_all: {} }), lines.length);
        assert.equal(await countOf(indexer, pattern, { bool: { filter: [query, within] } }), audit.length);
      },
    },
    {
      title: 'fields of an audit event can be searched, bodies are kept and not indexed, times are times',
      async run() {
        const { fields } = (await call(indexer, 'GET', `/${ARCHIVES}/_field_caps?fields=data.k8s.*`)) as { fields: Fields };
        const shape = (name: string): readonly [string | undefined, boolean | undefined] => {
          const [only] = Object.values(fields[`data.k8s.${name}`] ?? {});
          return [only?.type, only?.searchable];
        };
        assert.deepEqual(shape('request'), ['keyword', false]);
        assert.deepEqual(shape('stageTimestamp'), ['date', true]);
        assert.deepEqual(shape('objectRef.resource'), ['keyword', true]);
        assert.deepEqual(
          Object.entries(fields).filter(([, types]) => Object.keys(types).length > 1),
          [],
        );
        const created = { bool: { filter: [{ term: { 'data.k8s.verb': 'create' } }, { term: { 'data.k8s.cluster': 'prod-eu' } }] } };
        const expected = audit.filter((line) => k8sOf(line)['verb'] === 'create').length;
        assert.ok(expected > 0);
        assert.equal(await countOf(indexer, ARCHIVES, created), expected);
        assert.ok(await bodiesAreKept(indexer));
      },
    },
    {
      title: 'the doctor finds template, mapping and archive well',
      async run() {
        const said = await ground.doctor('--indexer', indexer);
        const found = Object.fromEntries(said.map(({ check, finding }) => [check.id, finding.kind]));
        for (const id of ['indexer-reachable', 'index-template', 'index-mapping', 'archive-fresh']) assert.equal(found[id], 'ok', id);
        // Without the plugin nobody deletes old indices, and it says so.
        assert.equal(found['index-retention'], 'warning');
      },
    },
    {
      title: 'the uninstall puts back the template that was there, and leaves Wazuh’s own and the documents',
      async run() {
        await ground.wazuh('uninstall', '--yes');
        assert.deepEqual(await templateOf(indexer), THEIRS);
        assert.ok((await call(indexer, 'GET', '/_template/wazuh'))['wazuh']);
        assert.equal(await countOf(indexer, ARCHIVES, { match_all: {} }), lines.length);
      },
    },
  ];
}

type Fields = Readonly<Record<string, Readonly<Record<string, { readonly type: string; readonly searchable: boolean }>>>>;

async function templateOf(indexer: string): Promise<Record<string, unknown> | undefined> {
  const found = (await call(indexer, 'GET', '/_template/k8s-audit'))['k8s-audit'] as Record<string, unknown> | undefined;
  if (found === undefined) return undefined;
  const { settings: _settings, aliases: _aliases, ...own } = found;
  return own;
}

async function countOf(indexer: string, index: string, query: object): Promise<number> {
  return Number((await call(indexer, 'POST', `/${index}/_count`, { query }))['count']);
}

/** A body is no field to search by, and is there whole in the document that another field finds. */
async function bodiesAreKept(indexer: string): Promise<boolean> {
  const query = { bool: { filter: [{ term: { 'data.k8s.verb': 'create' } }, { term: { 'data.k8s.level': 'RequestResponse' } }] } };
  const { hits } = (await call(indexer, 'POST', `/${ARCHIVES}/_search`, { query, size: 50 })) as {
    hits: { hits: { _source: { data: { k8s: { request?: string } } } }[] };
  };
  return hits.hits.some(({ _source }) => JSON.parse(_source.data.k8s.request ?? 'null') !== null);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function progress(line: string): void {
  process.stderr.write(`archive: ${line}\n`);
}
