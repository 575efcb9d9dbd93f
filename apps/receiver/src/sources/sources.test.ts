/** Each way in and each way out as one receiver, over real files and sockets: what is written to a log becomes an alert, once. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { EventLinesScanner } from '@k8s-audit/audit-events';
import { renderPack } from '@k8s-audit/detections';
import { type StandInDaemon, startStandInDaemon } from '@k8s-audit/wazuh-queue/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BooksSnapshot } from '../books.ts';
import { parseConfiguration } from '../configuration.ts';
import { EventTrace } from '../event-trace.ts';
import type { Intake } from '../flow.ts';
import { createLogger, type Logger } from '../log.ts';
import { type Service, startService } from '../service.ts';
import { openStdinSource } from './stdin-source.ts';

const RECORDED = join(import.meta.dirname, '../../../../fixtures/recorded/guide-policy.eventlists.jsonl');

let folder: string;
let home: string;
let logFile: string;
let logged: Record<string, unknown>[];
let log: Logger;
let service: Service | undefined;
let daemon: StandInDaemon | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
  home = join(folder, 'ossec');
  logFile = join(folder, 'audit.log');
  logged = [];
  log = createLogger({ level: 'info', format: 'json' }, { write: (line) => void logged.push(JSON.parse(line)) });
});
afterEach(async () => {
  await service?.stop();
  await daemon?.close();
  [service, daemon] = [undefined, undefined];
  rmSync(folder, { recursive: true, force: true });
});

/** A receiver without a port: reads the log file, and hands on as `wazuh` says. */
async function start(wazuh: object): Promise<void> {
  const configuration = {
    sources: { webhook: false, logs: [{ path: logFile, cluster: 'prod', apiServer: 'a' }] },
    spool: { folder: join(folder, 'spool'), maxBytes: '64 MiB', segmentBytes: '4 MiB' },
    admin: { address: join(folder, 'admin.sock') },
    wazuh,
  };
  service = await startService(parseConfiguration(JSON.stringify(configuration)), log);
}

async function stop(): Promise<BooksSnapshot> {
  await service?.stop();
  service = undefined;
  return logged.findLast(({ event }) => event === 'stopped')?.['books'] as BooksSnapshot;
}

function embedded(pack: 'core' | 'guide'): object {
  mkdirSync(join(home, 'etc/rules'), { recursive: true });
  for (const [name, text] of renderPack(pack)) writeFileSync(join(home, 'etc/rules', name), text);
  return { transport: 'embedded', embedded: { home } };
}

interface Entry {
  readonly rule?: { readonly id: string };
  readonly location: string;
  readonly agent: { readonly name: string };
  readonly data: Record<string, unknown>;
}

const entries = (name: 'alerts' | 'archives'): readonly Entry[] =>
  readFileSync(join(home, `logs/${name}/${name}.json`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The lists of a real API server's webhook, and the same events as its log backend writes them. */
function recorded(lists: number): { readonly events: number; readonly lists: readonly string[]; readonly lines: string } {
  const texts = readFileSync(RECORDED, 'utf8').trimEnd().split('\n').slice(0, lists);
  const items = texts.flatMap((text) => (JSON.parse(text) as { items: object[] }).items);
  const lines = items.map((item) => JSON.stringify({ kind: 'Event', apiVersion: 'audit.k8s.io/v1', ...item }));
  return { events: items.length, lists: texts, lines: `${lines.join('\n')}\n` };
}

describe('a log file', () => {
  it('becomes alerts, once, through a rotation and a restart, whatever the lines around them are', async () => {
    const { events, lines } = recorded(Number.POSITIVE_INFINITY);
    const half = lines.indexOf('\n', lines.length / 2) + 1;
    writeFileSync(logFile, `not JSON\n${lines.slice(0, half)}`);
    await start(embedded('core'));
    await until(() => entries('archives').length > 10);
    const before = await stop();
    renameSync(logFile, join(folder, 'audit-2026-11-26T04-38-31.123.log'));
    writeFileSync(logFile, lines.slice(half));
    await start(embedded('core'));
    await until(() => entries('archives').length >= events);
    const after = await stop();

    expect(entries('archives')).toHaveLength(events);
    expect(entries('alerts').length).toBeGreaterThan(0);
    expect(entries('alerts')[0]).toMatchObject({ agent: { name: 'prod' }, location: 'k8s' });
    expect(before.origins).toMatchObject([{ cluster: 'prod', apiServer: 'a', quarantined: 1 }]);
    expect(before.total.received + after.total.received).toBe(events + 1);
    expect(logged.filter(({ event }) => event === 'log-gap')).toEqual([]);
    expect(logged.find(({ event }) => event === 'ready')).toMatchObject({
      sources: [{ kind: 'log', name: logFile, cluster: 'prod', apiServer: 'a' }],
      transport: 'embedded',
    });
  });

  it('whose events the webhook has posted too brings none of them a second time', async () => {
    const { events, lines, lists } = recorded(30);
    writeFileSync(logFile, lines);
    await start(embedded('core'));
    await until(() => entries('archives').length >= events);
    // What the webhook posts is an EventList; through the same door as a line of a log it is the same list of items.
    appendFileSync(logFile, `${lists.join('\n')}\n`);
    // The stop reads what is there and drains the spool: nothing to wait for but that the file was looked at again.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { total } = await stop();

    expect(entries('archives')).toHaveLength(events);
    expect(total).toMatchObject({ received: 2 * events, delivered: events, duplicate: events, spooled: 0 });
  });

  it('reaches the guide’s own rules in the guide’s own form', async () => {
    const sample = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../fixtures/guide/sample-event.json'), 'utf8')) as {
      items: object[];
    };
    writeFileSync(logFile, `${JSON.stringify(sample.items[0])}\n`);
    await start({ ...embedded('guide'), wire: 'guide' });
    await until(() => entries('archives').length > 0);
    await stop();

    expect(entries('alerts').map(({ rule }) => rule?.id)).toEqual(['110003']);
    expect(entries('alerts')[0]?.data).toMatchObject({ kind: 'EventList', items: [expect.anything()] });
  });

  it('goes no faster than the daemon behind the socket works: nothing is dropped there', async () => {
    // Read from a file they are offered several times as fast; the daemon keeps 16,384 and drops the rest.
    daemon = await startStandInDaemon(home, { drainPerSecond: 4_000 });
    const lines = Array.from({ length: 20_000 }, (_, id) =>
      JSON.stringify({
        kind: 'Event',
        level: 'Metadata',
        auditID: `${id}`,
        stage: 'ResponseComplete',
        requestURI: '/',
        verb: 'get',
        user: {},
      }),
    );
    writeFileSync(logFile, `${lines.join('\n')}\n`);
    await start({ socket: daemon.socketPath });
    await until(() => (daemon as StandInDaemon).processed.length === 20_000);
    const { total } = await stop();

    expect(daemon.dropped()).toBe(0);
    // Half of its queue, and what had been on its way through the socket when it was looked at.
    expect(daemon.fullest()).toBeGreaterThan(4_000);
    expect(daemon.fullest()).toBeLessThanOrEqual(8_192 + 513);
    expect(total).toMatchObject({ received: 20_000, delivered: 20_000, resent: 0, spooled: 0 });
  });
});

describe('standard input', () => {
  function trial(fails = 0): { stdin: PassThrough; stored: string[]; notes: unknown[]; intake: Intake; remaining: () => number } {
    const [stored, notes]: [string[], unknown[]] = [[], []];
    let remaining = fails;
    const bare = { now: () => 0, redact: (item: Buffer) => item };
    const intake = {
      ...bare,
      newScanner: () => new EventLinesScanner(),
      append: async (_head: Uint8Array, items: readonly Uint8Array[]) => {
        if (remaining-- > 0) throw new Error('the disk is full');
        stored.push(...items.map((each) => /"auditID":"(\w+)"/.exec(Buffer.from(each).toString())?.[1] ?? ''));
      },
      quarantine: async (items: readonly unknown[]) => void notes.push(...items),
      books: { of: () => ({}) },
      trace: new EventTrace(() => 0),
    } as unknown as Intake;
    return { stdin: new PassThrough(), stored, notes, intake, remaining: () => remaining };
  }

  it('gives events and EventLists, also its last line without an end, and then has ended', async () => {
    const { stdin, stored, notes, intake } = trial();
    const source = openStdinSource({ cluster: 'prod' }, { intake, log, stdin });
    for (const piece of [
      '{"auditID":"a"}\n{"aud',
      'itID":"b"}\nodd\n{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"auditID":"c"}',
      ']}\n{"auditID":"d"}',
    ])
      stdin.write(piece);
    stdin.end();
    await source.ended;

    expect(stored).toEqual(['a', 'b', 'c', 'd']);
    expect(notes).toMatchObject([{ reason: 'not-an-object', byteLength: 3 }]);
  });

  it('is held until it is on disk, and says why it waits', async () => {
    const { stdin, stored, intake } = trial(1);
    const source = openStdinSource({ cluster: 'prod' }, { intake, log, stdin });
    stdin.write('{"auditID":"a"}\n');
    await until(() => source.figures().waiting !== undefined);
    stdin.end('{"auditID":"b"}\n');
    await source.ended;

    expect(stored).toEqual(['a', 'b']);
    expect(source.figures().waiting).toBeUndefined();
  });
});
