import { ARCHIVE_OBJECTS, INDEX_TEMPLATE, renderIndexRetention } from '@k8s-audit/wazuh-config';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type IndexerStandIn, startIndexerStandIn } from '../testing/indexer-stand-in.ts';
import { createDashboard, type Dashboard } from './dashboard.ts';
import { createIndexer, type Indexer } from './indexer.ts';
import { holds, type JsonObject } from './kept.ts';

const LOGIN = { user: 'admin', password: 'secret' };
let standIn: IndexerStandIn;
let indexer: Indexer;
let dashboard: Dashboard;
beforeAll(async () => {
  standIn = await startIndexerStandIn();
  indexer = createIndexer({ url: standIn.url, login: LOGIN });
  dashboard = createDashboard({ url: standIn.url, login: LOGIN });
});
afterAll(() => standIn.close());

it('keeps a template, a policy and a saved object, and gives back what was written', async () => {
  const retention = renderIndexRetention(365) as JsonObject;
  const [pattern] = ARCHIVE_OBJECTS as unknown as readonly [JsonObject];
  for (const [kept, body] of [
    [indexer.template('k8s-audit'), INDEX_TEMPLATE as JsonObject],
    [indexer.policy('k8s-audit-archives'), retention],
    [dashboard.savedObject('index-pattern', 'wazuh-archives-*'), pattern],
  ] as const) {
    expect(await kept.read()).toBeUndefined();
    await kept.write(body);
    expect(await kept.read()).toEqual(body);
    await kept.write(body);
    await kept.remove();
    await kept.remove();
    expect(await kept.read()).toBeUndefined();
  }
});

it('takes an import that took nothing for a failure', async () => {
  const [, search] = ARCHIVE_OBJECTS as unknown as readonly [JsonObject, JsonObject];
  await expect(dashboard.savedObject('search', 'k8s-audit-archive').write(search)).rejects.toMatchObject({
    code: 'INDEXER_FAILED',
    message: expect.stringContaining('missing_references'),
  });
});

it('knows an indexer without Index State Management', async () => {
  standIn.hasIndexManagement = false;
  expect(await indexer.canDeleteOldIndices()).toBe(false);
  standIn.hasIndexManagement = true;
  expect(await indexer.canDeleteOldIndices()).toBe(true);
});

it.each([
  ['a wrong password', () => createIndexer({ url: standIn.url, login: { user: 'admin', password: 'no' } }), 'GET /: 401 Unauthorized'],
  ['nobody there', () => createIndexer({ url: 'http://127.0.0.1:1' }), 'ECONNREFUSED'],
])('fails with %s', async (_what, create, message) => {
  await expect(create().version()).rejects.toMatchObject({ code: 'INDEXER_FAILED', message: expect.stringContaining(message) });
});

it('says in its own words what it refuses', async () => {
  standIn.refuses = /_template/;
  await expect(indexer.template('k8s-audit').write({})).rejects.toMatchObject({ message: 'PUT /_template/k8s-audit: 403 no permissions' });
  standIn.refuses = undefined;
});

it.each([
  [{ a: 1, more: 2 }, { a: 1 }, true],
  [{ order: '1' }, { order: 1 }, true],
  [{ a: [1, 2] }, { a: [1] }, false],
  [{ a: { b: false } }, { a: { b: true } }, false],
  [undefined, { a: 1 }, false],
])('compares %j with %j', (found, wanted, expected) => {
  expect(holds(found, wanted)).toBe(expected);
});
