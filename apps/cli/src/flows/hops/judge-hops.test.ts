import type { AuditCounters } from '@k8s-audit/cluster';
import type { DaemonStatistics } from '@k8s-audit/wazuh-queue';
import { describe, expect, it } from 'vitest';
import type { Evidence, ReceiverEvidence, TracedEvent, WazuhEvidence, WrittenEntry } from './evidence.ts';
import { brokenHop, HOPS, type HopId, isProved } from './hop.ts';
import { judgeHops } from './judge-hops.ts';

const ANSWER = { kind: 'answered', status: 403, auditId: 'a', body: '', sentAtMs: 1_000, answeredAtMs: 1_010 } as const;
const EVENT: TracedEvent = {
  stage: 'ResponseComplete',
  cluster: 'prod-eu',
  apiServer: 'cp-1',
  source: 'webhook',
  arrivedAtMs: 1_510,
  storedAtMs: 1_512,
  shapedAtMs: 1_513,
  endedAtMs: 1_514,
  outcome: 'delivered',
};
const COUNTED: DaemonStatistics = {
  startedAt: 1,
  received: 10,
  receivedBytes: 5_000,
  processed: 10,
  dropped: 0,
  droppedOthers: 0,
  alertsWritten: 1,
  archivesWritten: 0,
  queues: {},
};
const ALERT: WrittenEntry = { timestampMs: 1_520, seenAtMs: 2_600, rule: { id: '118402', level: 5, description: '' }, detections: [] };
const SEEN = { kind: 'seen', refused: [], waiting: 0 } as const;
const MORE = { ...COUNTED, received: 12, processed: 12 };
const UNSEEN_WAZUH: WazuhEvidence = { kind: 'unseen', reason: 'none here' };
const counters = (before: number, after: number, errors: AuditCounters['errors'] = {}): NonNullable<Evidence['counters']> => ({
  before: { events: before, errors: {}, requests: 0, startedAtMs: 0 },
  after: { events: after, errors, requests: 0, startedAtMs: 0 },
});

function wazuh(parts: object = {}, statistics: readonly [DaemonStatistics, DaemonStatistics] = [COUNTED, MORE]): WazuhEvidence {
  return { kind: 'seen', statistics: { kind: 'counted', before: statistics[0], after: statistics[1] }, archive: 'off', ...parts };
}

function evidence(parts: Partial<Evidence> = {}): Evidence {
  return { answer: ANSWER, receiver: { ...SEEN, traced: [EVENT] }, wazuh: wazuh({ alert: ALERT }), ...parts };
}

function states(parts: Partial<Evidence>): Readonly<Record<string, string>> {
  return Object.fromEntries(judgeHops(evidence(parts)).map(({ hop, state }) => [hop, state]));
}

/** The broken hop and what was seen there. */
function broken(parts: Partial<Evidence>): string {
  const found = brokenHop(judgeHops(evidence(parts)));
  return found === undefined ? 'none' : `${found.hop}: ${found.seen}`;
}

const nothingCame = (parts: object = {}): ReceiverEvidence => ({ ...SEEN, traced: [], ...parts });

describe('an event that is through', () => {
  it('has the latency of each hop', () => {
    const findings = judgeHops(evidence());
    expect(findings.map(({ hop, latencyMs }) => [hop, latencyMs])).toEqual([
      ['api-server', 10],
      ['webhook', 500],
      ['tls', undefined],
      ['spool', 2],
      ['pipeline', 1],
      ['socket', 1],
      ['daemon', 6],
      ['rule', undefined],
      ['alerts', 1_080],
      ['archive', undefined],
    ]);
    expect([findings.at(-1)?.state, findings.at(-1)?.seen, isProved(findings)]).toEqual(['unseen', 'switched off', true]);
  });

  it('is proved by the receiver where Wazuh is elsewhere, and by Wazuh where the receiver is', () => {
    const UNSEEN: ReceiverEvidence = { kind: 'unseen', reason: 'none here' };
    expect(isProved(judgeHops(evidence({ wazuh: UNSEEN_WAZUH })))).toBe(true);
    expect(isProved(judgeHops(evidence({ receiver: UNSEEN })))).toBe(true);
    expect(isProved(judgeHops(evidence({ receiver: nothingCame() })))).toBe(true);
    expect(isProved(judgeHops(evidence({ receiver: UNSEEN, wazuh: UNSEEN_WAZUH })))).toBe(false);
    expect(isProved(judgeHops(evidence({ receiver: UNSEEN, wazuh: wazuh() })))).toBe(false);
  });

  it('is told by the stage that came furthest, and by the log file that brought it first', () => {
    const RECEIVED: TracedEvent = { ...EVENT, stage: 'RequestReceived', outcome: 'quarantined' };
    expect(broken({ receiver: { ...SEEN, traced: [RECEIVED, EVENT] } })).toBe('none');
    const copy: TracedEvent = { ...EVENT, source: 'log', outcome: 'duplicate' };
    expect(broken({ receiver: { ...SEEN, traced: [copy] } })).toBe('none');
  });
});

describe('the hop that is broken', () => {
  it.each<[HopId, string, Partial<Evidence>]>([
    ['api-server', 'ECONNREFUSED', { answer: { kind: 'unanswered', auditId: 'a', reason: 'ECONNREFUSED' } }],
    ['api-server', 'answered 403, and has made no audit event since', { receiver: nothingCame(), counters: counters(7, 7) }],
    ['webhook', 'nothing came from it', { receiver: nothingCame() }],
    ['webhook', 'nothing came from it; it made 3 events meanwhile', { receiver: nothingCame(), counters: counters(7, 10) }],
    [
      'webhook',
      'nothing came from it; it made 3 events meanwhile, and gave up 2 (webhook)',
      { receiver: nothingCame(), counters: counters(7, 10, { webhook: 2 }) },
    ],
    [
      'tls',
      'turned away: 2 × 403 cluster-mismatch',
      { receiver: nothingCame({ refused: [{ status: 403, code: 'cluster-mismatch', count: 2 }] }) },
    ],
    ['tls', 'a client is not let in: expired', { receiver: nothingCame({ dial: { kind: 'refused', reason: 'expired' } }) }],
    ['tls', 'ENOENT', { receiver: { kind: 'away', reason: 'ENOENT' } }],
    ['spool', 'it came, and is not on disk: the disk has not answered', { receiver: { ...SEEN, traced: [pick('arrivedAtMs')] } }],
    ['pipeline', 'delivery stopped', { receiver: { ...SEEN, traced: [pick('storedAtMs')], stopped: 'delivery stopped' } }],
    ['pipeline', 'quarantined: odd', { receiver: { ...SEEN, traced: [{ ...EVENT, outcome: 'quarantined', reason: 'odd' }] } }],
    ['socket', '9 events wait for Wazuh to take them', { receiver: { ...SEEN, traced: [pick('shapedAtMs')], waiting: 9 } }],
    [
      'daemon',
      'it does not answer: ENOENT',
      { wazuh: { ...wazuh(), statistics: { kind: 'unavailable', reason: 'ENOENT' } } as WazuhEvidence },
    ],
    ['daemon', 'it has worked off no event since', { wazuh: wazuh({}, [COUNTED, COUNTED]) }],
    ['daemon', 'it dropped 4 events meanwhile', { wazuh: wazuh({}, [COUNTED, { ...MORE, dropped: 4 }]) }],
    ['daemon', 'it works off events, and has written this one to no file', { wazuh: wazuh({ archive: 'on' }) }],
    ['rule', 'rule 5, level 0 takes it, without an alert', { wazuh: wazuh({ logtest: verdict({ rule: { id: '5', level: 0 } }) }) }],
    ['rule', 'no rule took it, without an alert', { wazuh: wazuh({ archived: { ...ALERT, rule: undefined } }) }],
    ['rule', 'the rules on disk cannot be loaded: odd', { wazuh: wazuh({ logtest: { kind: 'refused', reason: 'odd' } }) }],
    [
      'rule',
      'no alert came, and logtest cannot be asked: EACCES',
      { wazuh: wazuh({ logtest: { kind: 'unavailable', reason: 'EACCES' } }) },
    ],
    ['alerts', 'the alert is not in alerts.json', { wazuh: wazuh({ logtest: verdict({ isAlert: true }) }) }],
    ['archive', 'the event is not in archives.json', { wazuh: wazuh({ archive: 'on', alert: ALERT }) }],
  ])('is %s: %s', (hop, seen, parts) => {
    const nowhere = { wazuh: wazuh(), ...parts };
    expect(broken(nowhere)).toBe(`${hop}: ${seen}`);
    // What is before it is never called broken, and what is behind it not well; the archive stands beside the alerts.
    const after = HOPS.slice(HOPS.findIndex(({ id }) => id === hop) + 1).filter(({ id }) => id !== 'archive');
    expect(after.filter(({ id }) => states(nowhere)[id] === 'ok')).toEqual([]);
  });

  it('is none where the daemon was restarted meanwhile and has begun to count anew', () => {
    const restarted: DaemonStatistics = { ...COUNTED, startedAt: 2, received: 1, processed: 1 };
    expect(broken({ wazuh: wazuh({ logtest: verdict({ isAlert: true }) }, [COUNTED, restarted]) })).toMatch(/^alerts/);
  });
});

/** The event as far as this moment. */
function pick(last: 'arrivedAtMs' | 'storedAtMs' | 'shapedAtMs'): TracedEvent {
  const { endedAtMs: _, outcome: __, shapedAtMs, storedAtMs, ...arrived } = EVENT;
  if (last === 'arrivedAtMs') return arrived;
  return {
    ...arrived,
    ...(storedAtMs === undefined ? {} : { storedAtMs }),
    ...(last === 'shapedAtMs' && shapedAtMs !== undefined ? { shapedAtMs } : {}),
  };
}

function verdict(parts: object): object {
  return { kind: 'verdict', isAlert: false, messages: [], ...parts };
}
