import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { createWazuhTree, type IndexerStandIn, startIndexerStandIn, type WazuhTree } from '@k8s-audit/wazuh-server/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandResult, runCommand } from '../testing/run-command.ts';

let tree: WazuhTree;
let wazuh: Awaited<ReturnType<typeof openEmbeddedWazuh>>;
let indexer: IndexerStandIn;
beforeEach(async () => {
  tree = createWazuhTree();
  wazuh = await openEmbeddedWazuh({ homeFolder: tree.home, controlSockets: true, archivesFile: false });
  indexer = await startIndexerStandIn();
  writeFileSync(join(tree.root, 'password'), 'secret\n');
});
afterEach(async () => {
  await indexer.close();
  await wazuh.close();
  tree.remove();
});

const at = (path: string): string => join(tree.root, path);
const run = (command: string, ...args: readonly string[]): Promise<CommandResult> =>
  runCommand(['wazuh', command, '--root', tree.root, ...args]);
const password = (): readonly string[] => ['--indexer-password-file', at('password')];
const servers = (): readonly string[] => ['--indexer', indexer.url, '--dashboard', indexer.url, ...password()];
const install = (...args: readonly string[]): Promise<CommandResult> => run('install', '--host', '10.0.0.7', '--archive', 'wazuh', ...args);

/** Every file below the root but what the product keeps for its undo, and what Wazuh itself writes. */
function files(): Record<string, string> {
  const found = readdirSync(tree.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/var\/lib\/k8s-audit|ossec\/logs|etc\/(passwd|group|shadow|gshadow|subuid|subgid)/.test(path));
  return Object.fromEntries(found.map((path) => [path, readFileSync(path, 'base64')]));
}

const SENT = [
  'PUT /_template/k8s-audit',
  'PUT /_plugins/_ism/policies/k8s-audit-archives',
  'POST /api/saved_objects/_import',
  'POST /api/saved_objects/_import',
];

describe('with an indexer and a dashboard', () => {
  it('shows before what it will take and what it will send, and sends nothing on a dry run', async () => {
    wazuh.process(Array.from({ length: 500 }, (_, index) => Buffer.from(`1:k8s:{"n":"${index}"}`)));
    const before = files();
    const { stdout, exitCode } = await install(...servers(), '--retention', '90', '--dry-run');

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Archive:\n {2}every event of every agent is kept/);
    expect(stdout).toMatch(/ {2}[\d.]+ events a second on average in [\d.]+ hours, [\d.]+ now, of \d+ bytes/);
    expect(stdout).toMatch(/ {2}about [\d.]+ GB a day on disk .*, [\d.]+ GB a day in the index\n {2}in 90 days at most/);
    expect(stdout).toContain(`index template k8s-audit in ${indexer.url} (new)`);
    expect(stdout).toContain('+  "order": 1,');
    expect(stdout).toContain('"min_index_age": "90d"');
    expect(stdout).toContain('saved object search/k8s-audit-archive');
    expect(indexer.changes).toEqual([]);
    expect(files()).toEqual(before);
  });

  it('sends template, retention and saved objects, and takes all of it out again', async () => {
    const before = files();
    const installed = await install(...servers(), '--yes');

    expect(installed.failure).toBeUndefined();
    expect(indexer.changes).toEqual(SENT);
    expect([...indexer.savedObjects.keys()]).toEqual(['index-pattern/wazuh-archives-*', 'search/k8s-audit-archive']);
    expect((await install(...servers(), '--yes')).stdout).toContain('Every file is as it should be.');
    expect(indexer.changes).toEqual(SENT);

    const removed = await run('uninstall', '--yes', ...password());
    expect(removed.failure).toBeUndefined();
    expect(removed.stdout).toContain(`index template k8s-audit in ${indexer.url}: removed`);
    expect([indexer.templates.size, indexer.policies.size, indexer.savedObjects.size]).toEqual([0, 0, 0]);
    expect(files()).toEqual(before);
  });

  it('puts back what was there before', async () => {
    const template = { order: 7, index_patterns: ['mine-*'] };
    const policy = { policy: { description: 'mine', default_state: 'a', states: [{ name: 'a', actions: [], transitions: [] }] } };
    const pattern = { id: 'wazuh-archives-*', type: 'index-pattern', attributes: { title: 'wazuh-archives-*' }, references: [] };
    indexer.templates.set('k8s-audit', template);
    indexer.policies.set('k8s-audit-archives', policy);
    indexer.savedObjects.set('index-pattern/wazuh-archives-*', pattern);
    const { stdout } = await install(...servers(), '--yes');
    expect(stdout).toContain('in the place of another, which comes back with the uninstall');
    expect(indexer.templates.get('k8s-audit')).toMatchObject({ order: 1 });

    expect((await run('uninstall', '--yes', ...password())).exitCode).toBe(0);
    expect(indexer.templates.get('k8s-audit')).toEqual(template);
    expect(indexer.policies.get('k8s-audit-archives')).toEqual(policy);
    expect([...indexer.savedObjects]).toEqual([['index-pattern/wazuh-archives-*', pattern]]);
  });

  it('takes everything back when one of them is refused', async () => {
    const before = files();
    indexer.refuses = /_import/;
    const { failure } = await install(...servers(), '--yes');

    expect(failure).toMatchObject({ code: 'INDEXER_FAILED', message: 'the import: 403 no permissions' });
    expect([indexer.templates.size, indexer.policies.size]).toEqual([0, 0]);
    expect(files()).toEqual(before);
  });

  it('leaves what somebody has changed since, and says so', async () => {
    await install(...servers(), '--yes');
    indexer.templates.set('k8s-audit', { order: 9, index_patterns: ['theirs-*'] });
    const { stdout, exitCode } = await run('uninstall', '--yes', ...password());

    expect(exitCode).toBe(1);
    expect(stdout).toContain(`not taken back: index template k8s-audit in ${indexer.url} was changed since: left as it is`);
    expect(indexer.templates.get('k8s-audit')).toMatchObject({ order: 9 });
    expect(indexer.savedObjects.size).toBe(0);
  });

  it('begins no removal that it could not end, unless the indexer is to be left alone', async () => {
    await install(...servers(), '--yes');
    const installed = files();
    expect((await run('uninstall', '--yes')).failure).toMatchObject({ code: 'INDEXER_FAILED', message: expect.stringContaining('401') });
    expect(files()).toEqual(installed);

    expect((await run('uninstall', '--yes', '--leave-indexer')).exitCode).toBe(0);
    expect(existsSync(at('etc/k8s-audit/receiver.yaml'))).toBe(false);
    expect(indexer.templates.size).toBe(1);
  });

  it('says that nobody deletes old indices where the indexer cannot', async () => {
    indexer.hasIndexManagement = false;
    const { stdout } = await install('--indexer', indexer.url, ...password(), '--yes');

    expect(stdout).toContain('has no Index State Management');
    expect(stdout).toContain('give --dashboard URL');
    expect(indexer.changes).toEqual(['PUT /_template/k8s-audit']);
  });
});

it('writes files and says the commands where no indexer is named', async () => {
  const { stdout } = await install('--yes');

  expect(stdout).toMatch(/curl .*_template\/k8s-audit .* -d @\/etc\/k8s-audit\/index-template.json/);
  expect(stdout).toMatch(/curl .*_ism\/policies\/k8s-audit-archives .* -d @\/etc\/k8s-audit\/index-retention.json/);
  expect(JSON.parse(readFileSync(at('etc/k8s-audit/index-template.json'), 'utf8'))).toMatchObject({ order: 1 });
  expect(indexer.changes).toEqual([]);
});

it('says so where nobody can tell how much it will be', async () => {
  await wazuh.close();
  const { stdout } = await install('--dry-run');
  expect(stdout).toMatch(/how much that is cannot be told: wazuh-analysisd does not tell how much it receives/);
});

it.each([
  ['a password that would be read on the way', ['--indexer', 'http://10.0.0.9:9200'], 'without TLS'],
  ['an indexer that needs a password', ['--indexer', 'https://10.0.0.9:9200'], 'needs a password'],
  ['a dashboard without its indexer', ['--dashboard', 'https://10.0.0.9'], 'needs --indexer'],
  ['what is no address', ['--indexer', '10.0.0.9'], 'takes an address'],
])('refuses %s', async (_what, args, message) => {
  expect((await install(...args, '--dry-run')).failure).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) });
});

it('refuses an indexer without an archive', async () => {
  expect((await run('install', '--host', '10.0.0.7', '--indexer', indexer.url, '--dry-run')).failure).toMatchObject({ code: 'USAGE' });
});
