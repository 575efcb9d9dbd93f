import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../configuration.ts';
import { CountedProblems } from './counted-problems.ts';
import { lastingProblems } from './lasting-problems.ts';
import { heardFrom, type Observation } from './observation.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 10, 26, 12);
const settings = parseConfiguration(
  '{ tls: { certificate: a, key: b, clientAuthority: c }, spool: { folder: d }, health: { silentMinutes: 60 } }',
).health;

function seen(changes: Partial<Observation> = {}): Observation {
  return {
    nowMs,
    heard: [],
    refusals: [],
    spool: { level: 'ok', undeliveredRecords: 0, undeliveredBytes: 0, maxBytes: 10_000_000, lostRecords: 0 },
    ends: [],
    migration: undefined,
    lateEvents: 0,
    daemonDropped: undefined,
    apiServerDrops: [],
    logGaps: [],
    configurationFailure: undefined,
    ...changes,
  };
}

const heard = (cluster: string, apiServer: string, minutesAgo: number) => ({ cluster, apiServer, lastMs: nowMs - minutesAgo * MINUTE_MS });
const lasting = (changes: Partial<Observation>) =>
  lastingProblems(seen(changes), settings).map(({ kind, cluster, apiServer, subject }) => [
    kind,
    cluster ?? apiServer ?? subject,
    apiServer,
  ]);

describe('silence', () => {
  it('is of a cluster when none of its API servers is heard, else of the one', () => {
    expect(
      lasting({ heard: [heard('a', 'one', 61), heard('a', 'two', 90), heard('b', 'one', 61), heard('b', 'two', 1), heard('c', '-', 59)] }),
    ).toEqual([
      ['cluster-silent', 'a', undefined],
      ['apiserver-silent', 'b', 'one'],
    ]);
  });

  it('says since when, and is waited for no longer after a week', () => {
    expect(lastingProblems(seen({ heard: [heard('a', '-', 61)] }), settings)[0]?.detail).toBe(
      'no event from cluster a since 2026-11-26T10:59:00Z',
    );
    expect(lasting({ heard: [heard('a', '-', 8 * 24 * 60)] })).toEqual([]);
  });

  it('is broken by the books, not by what an earlier process knew', () => {
    const origin = { cluster: 'a', apiServer: '-', received: 1, delivered: 0, duplicate: 0, filtered: 0, quarantined: 0, resent: 0 };
    const total = { received: 1, delivered: 0, duplicate: 0, filtered: 0, quarantined: 0, resent: 0, spooled: 1 };
    const known = [heard('a', '-', 500), heard('b', '-', 5)];

    expect(heardFrom(known, { origins: [{ ...origin, lastReceivedAtMs: nowMs }], total })).toEqual([
      heard('a', '-', 0),
      heard('b', '-', 5),
    ]);
    expect(heardFrom(known, { origins: [{ ...origin, lastReceivedAtMs: 0 }], total })).toEqual(known);
  });
});

describe('what ends', () => {
  const certificate = (days: number) => ({ kind: 'certificate' as const, name: 'server.crt', endsAtMs: nowMs + days * DAY_MS });
  const crl = (daysOld: number, daysLeft: number) => ({
    kind: 'crl' as const,
    name: 'ca.crl',
    beganAtMs: nowMs - daysOld * DAY_MS,
    endsAtMs: nowMs + daysLeft * DAY_MS,
  });

  it.each([
    [[certificate(31)], []],
    [[certificate(29)], ['certificate-ending']],
    [[certificate(0)], ['certificate-ending', 'certificate-ended']],
    [[crl(1, 6)], []],
    [[crl(6, 1)], ['certificate-ending']],
    [[crl(7, 0)], ['certificate-ending', 'certificate-ended']],
  ])('%j', (ends, kinds) => {
    expect(lasting({ ends }).map(([kind]) => kind)).toEqual(kinds);
  });
});

it('is told of the spool, the migration and a broken configuration', () => {
  const spool = { undeliveredRecords: 5, undeliveredBytes: 8_000_000, maxBytes: 10_000_000, lostRecords: 0 };
  const migration = { cluster: 'old', endsAtMs: nowMs + DAY_MS };

  expect(lasting({ spool: { ...spool, level: 'warn' } }).map(([kind]) => kind)).toEqual(['spool-filling']);
  expect(lasting({ spool: { ...spool, level: 'full' } }).map(([kind]) => kind)).toEqual(['spool-filling', 'spool-full']);
  expect(lasting({ migration })).toEqual([['migration-open', 'old', undefined]]);
  expect(lasting({ migration: { ...migration, endsAtMs: nowMs } })).toEqual([]);
  expect(lasting({ configurationFailure: { detail: 'x', sinceMs: nowMs } })).toEqual([['configuration-stale', undefined, undefined]]);
});

describe('counts', () => {
  const kindsOf = (counted: CountedProblems, changes: Partial<Observation>) =>
    counted.look(seen(changes)).map(({ kind, count }) => [kind, count]);

  it('are a problem while they grow and for ten minutes after, and sum up what came since it began', () => {
    const counted = new CountedProblems();
    const refusals = (count: number) => [{ status: 0, code: 'CERT_REVOKED', count }];
    const at = (minutes: number) => ({ nowMs: nowMs + minutes * MINUTE_MS });

    expect(kindsOf(counted, { ...at(0), refusals: refusals(2) })).toEqual([['clients-refused', 2]]);
    expect(kindsOf(counted, { ...at(9), refusals: refusals(5) })).toEqual([['clients-refused', 5]]);
    expect(kindsOf(counted, { ...at(18), refusals: refusals(5) })).toEqual([['clients-refused', 5]]);
    expect(kindsOf(counted, { ...at(19), refusals: refusals(5) })).toEqual([]);
    expect(kindsOf(counted, { ...at(30), refusals: refusals(6) })).toEqual([['clients-refused', 1]]);
  });

  it('of the daemon and of API servers begin where they are first seen, and anew when they fall', () => {
    const counted = new CountedProblems();
    const drops = (dropped: number) => ({ daemonDropped: dropped, apiServerDrops: [{ cluster: 'a', dropped }] });

    expect(kindsOf(counted, drops(1_000))).toEqual([]);
    expect(kindsOf(counted, drops(1_007))).toEqual([
      ['wazuh-drops', 7],
      ['apiserver-drops', 7],
    ]);
    expect(kindsOf(counted, drops(3))).toEqual([
      ['wazuh-drops', 10],
      ['apiserver-drops', 10],
    ]);
    expect(kindsOf(counted, {})).toEqual([['wazuh-drops', 10]]);
  });

  it('of lost and late events count from zero', () => {
    const spool = { ...seen().spool, lostRecords: 2 };

    expect(kindsOf(new CountedProblems(), { spool, lateEvents: 3 })).toEqual([
      ['spool-damaged', 2],
      ['events-late', 3],
    ]);
  });

  it('of what is no stranger’s doing are none', () => {
    const refusals = ['no-event', 'body-too-large', 'memory-budget', 'unknown-path', 'method'].map((code) => ({
      status: 400,
      code,
      count: 1,
    }));

    expect(kindsOf(new CountedProblems(), { refusals: [...refusals, { status: 503, code: 'disk-error', count: 1 }] })).toEqual([]);
  });
});
