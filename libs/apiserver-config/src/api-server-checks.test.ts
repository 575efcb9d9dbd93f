import { runChecks } from '@k8s-audit/checks';
import { expect, it } from 'vitest';
import { API_SERVER_CHECKS, type ApiServerSight, apiServerChecks } from './api-server-checks.ts';
import { auditFlags } from './flag.ts';
import { computeLoadFlags } from './load-flags.ts';

const GOOD = auditFlags({
  policyPath: '/etc/p.yaml',
  webhookPath: '/etc/w.yaml',
  logPath: '/var/log/audit.log',
  load: computeLoadFlags(100),
});
const set = (name: string, value: string): ApiServerSight => ({ flags: [...GOOD.filter((flag) => flag.name !== name), { name, value }] });
const without = (...names: readonly string[]): ApiServerSight => ({ flags: GOOD.filter(({ name }) => !names.includes(name)) });

/** Each check, and what makes it fail (or warn). */
const CASES: readonly (readonly [id: string, sight: ApiServerSight, kind: string])[] = [
  ['api-server-policy', without('audit-policy-file'), 'failure'],
  ['api-server-webhook', without('audit-webhook-config-file', 'audit-log-path'), 'failure'],
  ['api-server-mode', set('audit-webhook-mode', 'blocking-strict'), 'failure'],
  ['api-server-batches', set('audit-webhook-batch-max-size', '1'), 'failure'],
  ['api-server-batches', { flags: GOOD, eventsPerSecond: 1e6 }, 'failure'],
  ['api-server-batches', { flags: GOOD, eventsPerSecond: 4_000 }, 'warning'],
  ['api-server-truncation', set('audit-webhook-truncate-enabled', 'true'), 'failure'],
  ['api-server-drops', { flags: GOOD, counters: { events: 200, errors: 3 } }, 'failure'],
  ['api-server-drops', { flags: GOOD, unreadable: '/metrics answers 403' }, 'warning'],
  ['cis-1.2.16', without('audit-log-path'), 'failure'],
  ['cis-1.2.17', set('audit-log-maxage', '29'), 'failure'],
  ['cis-1.2.18', set('audit-log-maxbackup', '9'), 'failure'],
  ['cis-1.2.19', without('audit-log-maxsize'), 'failure'],
];

it.each(CASES)('%s complains about %j', async (id, sight, kind) => {
  const complaints = (await runChecks(apiServerChecks(async () => sight))).filter(
    ({ finding }) => finding.kind !== 'ok' && finding.kind !== 'skipped',
  );

  expect(complaints.map(({ check, finding }) => `${check.id} ${finding.kind}`)).toContain(`${id} ${kind}`);
});

it('has a case for each check, and none complains about what connect sets', async () => {
  expect(new Set(CASES.map(([id]) => id))).toEqual(new Set(API_SERVER_CHECKS.map(({ id }) => id)));
  const sight = { flags: GOOD, counters: { events: 10, errors: 0 }, eventsPerSecond: 100 };
  for (const { finding } of await runChecks(apiServerChecks(async () => sight))) expect(finding.kind).toBe('ok');
});
