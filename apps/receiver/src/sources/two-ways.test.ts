/** The same requests by webhook and by log file, as an API server with both backends sends them: one alert each. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPack } from '@k8s-audit/detections';
import { afterEach, expect, it } from 'vitest';
import type { BooksSnapshot } from '../books.ts';
import { ReceiverProcess } from '../testing/index.ts';

const RECORDED = join(import.meta.dirname, '../../../../fixtures/recorded/guide-policy.eventlists.jsonl');

let receiver: ReceiverProcess;
afterEach(() => receiver.remove());

interface Entry {
  readonly rule: { readonly id: string };
  readonly data: { readonly k8s: { readonly auditID?: string; readonly stage?: string } };
}

const alerts = (): readonly string[] =>
  readFileSync(receiver.at('wazuh/logs/alerts/alerts.json'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry)
    .filter(({ data }) => data.k8s.auditID !== undefined)
    .map(({ rule, data }) => `${data.k8s.auditID} ${data.k8s.stage} ${rule.id}`);

it('by webhook and log file, in whatever order they come, give one alert a request', async () => {
  const lists = readFileSync(RECORDED, 'utf8').trimEnd().split('\n');
  const items = lists.flatMap((list) => (JSON.parse(list) as { items: object[] }).items);
  const lines = items.map((item) => `${JSON.stringify({ kind: 'Event', apiVersion: 'audit.k8s.io/v1', ...item })}\n`).join('');
  receiver = await ReceiverProcess.create((folder) => {
    const rules = join(folder, 'wazuh/etc/rules');
    mkdirSync(rules, { recursive: true });
    for (const [name, text] of renderPack('core')) writeFileSync(join(rules, name), text);
    // Half of the log is there before the first post.
    writeFileSync(join(folder, 'audit.log'), lines.slice(0, lines.indexOf('\n', lines.length / 2) + 1));
    return {
      wazuh: { transport: 'embedded', embedded: { home: join(folder, 'wazuh') } },
      sources: { logs: [{ path: join(folder, 'audit.log'), cluster: 'prod-eu', apiServer: 'cp-1', start: 'beginning' }] },
    };
  });
  await receiver.start();
  const agent = await receiver.agent('prod-eu');
  for (const list of lists) expect((await receiver.post('/prod-eu/cp-1', list, { agent })).status).toBe(200);
  writeFileSync(receiver.at('audit.log'), lines.slice(lines.indexOf('\n', lines.length / 2) + 1), { flag: 'a' });

  const total = async (): Promise<BooksSnapshot['total']> => (JSON.parse((await receiver.ask('/books')).text) as BooksSnapshot).total;
  await expect.poll(total, { timeout: 20_000 }).toMatchObject({ received: 2 * items.length, spooled: 0 });
  const books = await total();
  expect(books.delivered).toBe(new Set(items.map((item) => JSON.stringify(item))).size);
  expect(books.duplicate).toBe(2 * items.length - books.delivered);
  await receiver.stop();
  expect(alerts().length).toBeGreaterThan(10);
  expect(new Set(alerts()).size).toBe(alerts().length);
}, 60_000);
