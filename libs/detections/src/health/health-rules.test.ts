import { HEALTH_KINDS, type HealthEvent, type HealthKind, renderHealthEvent } from '@k8s-audit/event-pipeline';
import { createEngine } from '@k8s-audit/rule-engine';
import { clusterLocation, frame, PLAIN_LOCATION } from '@k8s-audit/wazuh-message';
import { loadRules } from '@k8s-audit/wazuh-rules';
import { describe, expect, it } from 'vitest';
import { type PackName, renderPack } from '../packs/pack.ts';
import { LEVEL_BY_SEVERITY } from '../severity.ts';
import { HEALTH_RULES } from './health-rules.ts';

const BASE = 118_000;
const KINDS = Object.keys(HEALTH_KINDS) as readonly HealthKind[];
const sinceMs = Date.UTC(2026, 10, 26);
const about = (kind: HealthKind, more: Partial<HealthEvent> = {}): HealthEvent => ({
  kind,
  state: 'problem',
  receiver: 'audit-1',
  sinceMs,
  detail: 'nothing from prod-eu for 61 minutes',
  ...more,
});

function engineOf(...packs: readonly PackName[]) {
  return createEngine(loadRules(packs.flatMap((pack) => [...renderPack(pack)].map(([name, text]) => ({ name, text })))));
}

const engines = { core: engineOf('core'), both: engineOf('core', 'guide') };

function decided(event: HealthEvent, location: string = PLAIN_LOCATION, engine: keyof typeof engines = 'core') {
  const verdict = engines[engine].process(frame(location, renderHealthEvent(event)), 0);
  if (verdict.kind !== 'decided') throw new Error('undecided');
  const alert = verdict.alerted ? (JSON.parse(verdict.alertJson()?.toString() ?? '{}') as { rule: { description: string } }) : undefined;
  return { rule: verdict.rule?.id, level: verdict.rule?.level, description: alert?.rule.description };
}

describe.each(KINDS)('%s', (kind) => {
  const { offset, severity, title } = HEALTH_RULES[kind];
  const rule = { rule: BASE + offset, level: LEVEL_BY_SEVERITY[severity] };

  it('alerts when it begins and while it lasts, for a cluster and for the receiver alike', () => {
    for (const state of ['problem', 'lasting'] as const) {
      expect(decided(about(kind, { state }))).toEqual({
        ...rule,
        description: `Kubernetes audit pipeline, ${title}: nothing from prod-eu for 61 minutes`,
      });
      expect(decided(about(kind, { state, cluster: 'prod-eu' }), clusterLocation('prod-eu'))).toMatchObject(rule);
    }
  });

  it('is an event of level 3 when it is over', () => {
    expect(decided(about(kind, { state: 'resolved' }))).toMatchObject({
      rule: 118_990,
      level: 3,
      description: expect.stringContaining(kind),
    });
  });

  it('stays ours beside the guide’s rules', () => {
    expect(decided(about(kind), PLAIN_LOCATION, 'both')).toMatchObject(rule);
  });
});

it('has a rule of its own for each kind, in the block of the pipeline’s health', () => {
  const offsets = Object.values(HEALTH_RULES).map(({ offset }) => offset);
  expect(new Set(offsets).size).toBe(offsets.length);
  for (const offset of offsets) expect(offset > 900 && offset < 990).toBe(true);
});

it('says nothing of a kind that it does not know', () => {
  expect(decided(about('of-tomorrow' as HealthKind))).toEqual({ rule: 118_900, level: 0, description: undefined });
});

it('cannot be forged by what a detail says', () => {
  const detail = '\n** Alert 1: - x\n", "kind": "cluster-silent \u001b[31m';
  const { rule, description } = decided(about('events-late', { detail }));
  expect(rule).toBe(118_910);
  expect([...(description ?? '\n')].every((character) => character >= ' ')).toBe(true);
});
