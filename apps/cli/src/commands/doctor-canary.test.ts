import type { CheckResult } from '@k8s-audit/checks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOPS } from '../flows/hops/hop.ts';
import { BREAKS, EventWay, whileBroken } from '../testing/event-way.ts';
import { runCommand } from '../testing/run-command.ts';

let way: EventWay;
beforeAll(async () => {
  way = await EventWay.start();
}, 120_000);
afterAll(() => way.close());

async function doctor(stopSignal?: AbortSignal): Promise<readonly CheckResult[]> {
  const where = ['--root', way.tree.root, '--config', way.configuration, '--canary', '--api-server', way.apiServer.url];
  const { stdout, failure } = await runCommand(['doctor', ...where, '-o', 'json'], stopSignal === undefined ? {} : { stopSignal });
  expect(failure).toBeUndefined();
  return (JSON.parse(stdout) as { readonly results: readonly CheckResult[] }).results;
}

function hopsOf(results: readonly CheckResult[], kind: CheckResult['finding']['kind']): readonly string[] {
  return results.filter(({ check, finding }) => check.category === 'canary' && finding.kind === kind).map(({ check }) => check.id);
}

it('finds every hop well, beside all its other checks, and sends nothing unless it is asked to', async () => {
  const results = await doctor();
  expect(hopsOf(results, 'ok')).toEqual(HOPS.map(({ id }) => `canary-${id}`));
  expect(results.some(({ check }) => check.id === 'rules-alert')).toBe(true);

  way.apiServer.auditId = 'none since';
  const { stdout } = await runCommand(['doctor', '--root', way.tree.root, '--config', way.configuration, '-o', 'json']);
  expect(stdout).not.toContain('canary-');
  expect(way.apiServer.auditId).toBe('none since');
});

it.each(BREAKS.map((each) => [each.hop, each.what, each] as const))(
  'names the hop %s, and no other, when %s',
  async (hop, _what, broken) => {
    const results = await whileBroken(way, broken, doctor);
    expect(hopsOf(results, 'failure')).toEqual([`canary-${hop}`]);
    expect(hopsOf(results, 'warning')).toEqual([]);
  },
);

it('names the API server when nobody answers, last of all', async () => {
  await way.apiServer.close();
  const results = await doctor();
  expect(hopsOf(results, 'failure')).toEqual(['canary-api-server']);
  expect(hopsOf(results, 'skipped')).toHaveLength(HOPS.length - 1);
});
