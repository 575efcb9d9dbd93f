import type { SeenApiServer } from '@k8s-audit/cluster';
import { expect, it } from 'vitest';
import { type Evidence, judgeApiServer, SILENT_AFTER_MS, WELL } from './judge-api-server.ts';
import { setupChecksum } from './setup-checksum.ts';

const NOW = 1_700_000_000_000;
const CHECKSUM = setupChecksum({ policy: 'p', webhook: ['w'] });

function seen(flags: Readonly<Record<string, string>> | undefined, counters: Partial<SeenApiServer['counters']> = {}): SeenApiServer {
  return {
    address: '10.0.0.4:6443',
    node: 'cp-1',
    checksum: CHECKSUM,
    ...(flags === undefined ? {} : { flags: Object.entries(flags).map(([name, value]) => ({ name, value })) }),
    counters: { kind: 'counters', events: 100, errors: {}, requests: 50, startedAtMs: 0, ...counters } as SeenApiServer['counters'],
  };
}

const WEBHOOK = { 'audit-policy-file': '/p', 'audit-webhook-config-file': '/w', 'audit-webhook-batch-max-size': '100' };
const book = (agoMs: number): NonNullable<Evidence['books']> => ({
  apiServer: 'cp-1',
  received: 5,
  lastReceivedAt: new Date(NOW - agoMs).toISOString(),
  lagMs: 40,
});
const onDisk = (policy: string): NonNullable<Evidence['local']> => ({
  apiServer: 'cp-1',
  address: '10.0.0.4:6443',
  flags: [],
  loaded: { policy: 'one', webhook: 'two' },
  onDisk: { policy, webhook: 'two' },
});

it.each<[string, Omit<Evidence, 'isReceiverAsked'>, boolean, string]>([
  ['events that came', { seen: seen(WEBHOOK), books: book(1_000) }, true, 'connected'],
  ['no event for long', { seen: seen(WEBHOOK), books: book(SILENT_AFTER_MS + 1) }, true, 'silent'],
  ['no event at all', { seen: seen(WEBHOOK) }, true, 'silent'],
  ['a receiver that nobody asked', { seen: seen(WEBHOOK) }, false, 'unknown'],
  ['no policy', { seen: seen({}), books: book(1) }, true, 'no-audit'],
  ['batches of one', { seen: seen({ ...WEBHOOK, 'audit-webhook-batch-max-size': '1' }), books: book(1) }, true, 'batch-size-1'],
  ['a blocking mode', { seen: seen({ ...WEBHOOK, 'audit-webhook-mode': 'blocking-strict' }), books: book(1) }, true, 'blocking'],
  ['events given up', { seen: seen(WEBHOOK, { errors: { buffered: 3 } }), books: book(1) }, true, 'losing'],
  ['a counter at nought', { seen: seen(WEBHOOK, { errors: { buffered: 0 } }), books: book(1) }, true, 'connected'],
  ['a policy that was changed', { seen: seen(WEBHOOK), local: onDisk('other'), books: book(1) }, true, 'drift'],
  ['a policy that was not', { seen: seen(WEBHOOK), local: onDisk('one'), books: book(1) }, true, 'connected'],
  ['a log file alone', { seen: seen({ 'audit-policy-file': '/p' }) }, true, 'log-only'],
  ['no answer', { seen: { ...seen(undefined), counters: { kind: 'unreachable', reason: 'x' } } }, false, 'unreachable'],
])('%s: it is %4$s', (_, evidence, isReceiverAsked, state) => {
  const status = judgeApiServer({ ...evidence, isReceiverAsked }, NOW);
  expect(status.state).toBe(state);
  expect(WELL.has(status.state) || status.advice !== undefined).toBe(true);
});

it('shows what it was started with, its audit flags, and what it gave up', () => {
  expect(
    judgeApiServer({ seen: seen({ ...WEBHOOK, v: '2' }, { errors: { webhook: 9 } }), books: book(2_000), isReceiverAsked: true }, NOW),
  ).toMatchObject({
    name: 'cp-1',
    address: '10.0.0.4:6443',
    policy: { kind: 'known', checksum: expect.stringMatching(/^[0-9a-f]{16}$/) },
    auditFlags: [{ name: 'audit-policy-file' }, { name: 'audit-webhook-config-file' }, { name: 'audit-webhook-batch-max-size' }],
    events: 100,
    lost: { webhook: 9 },
    lagMs: 40,
  });
});
