/** The service over a real spool and a real file: what a crash left on the disk, and the books over it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSpool } from '@k8s-audit/spool';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BooksSnapshot } from './books.ts';
import { parseConfiguration } from './configuration.ts';
import { createLogger } from './log.ts';
import { startService } from './service.ts';
import { encodeOrigin } from './spool-record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const event = (id: string): Buffer =>
  Buffer.from(JSON.stringify({ level: 'Metadata', auditID: id, stage: 'ResponseComplete', requestURI: '/', verb: 'get', user: {} }));

/** One write of several events that a loss of power tore: the middle one never reached the disk. */
async function leaveTornWrite(spoolFolder: string, ids: readonly string[], torn: string): Promise<void> {
  const spool = await openSpool({ folder: spoolFolder, segmentBytes: 1 << 20, maxBytes: 64 << 20 });
  const head = encodeOrigin({ cluster: 'prod', apiServer: '-', source: 'webhook' }, Date.now());
  await spool.append(ids.map(event), head);
  const files = readdirSync(spoolFolder).filter((name) => /^(segment|cursor)-/.test(name));
  const asTheyWere = files.map((name) => [join(spoolFolder, name), readFileSync(join(spoolFolder, name))] as const);
  await spool.close();
  for (const [path, bytes] of asTheyWere) {
    const at = bytes.indexOf(`"auditID":"${torn}"`);
    if (at >= 0) bytes.fill(0, at, at + 8);
    writeFileSync(path, bytes);
  }
}

it('balances its books from the first event on, also behind a hole that a loss of power left', async () => {
  await leaveTornWrite(join(folder, 'spool'), ['1', '2', '3', '4'], '2');
  const output = join(folder, 'events.jsonl');
  const lines: Record<string, unknown>[] = [];
  const configuration = {
    sources: { webhook: false, stdin: { cluster: 'prod' } },
    spool: { folder: join(folder, 'spool'), maxBytes: '64 MiB', segmentBytes: '4 MiB' },
    admin: { address: join(folder, 'admin.sock') },
    wazuh: { transport: 'file', file: { path: output } },
  };
  const log = createLogger({ level: 'info', format: 'json' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const service = await startService(parseConfiguration(JSON.stringify(configuration)), log);
  await service.stop();

  const books = lines.findLast((line) => line['event'] === 'stopped')?.['books'] as BooksSnapshot | undefined;
  expect(books?.total).toMatchObject({ received: 3, delivered: 3, spooled: 0 });
  expect(readFileSync(output, 'utf8').trimEnd().split('\n')).toHaveLength(3);
});
