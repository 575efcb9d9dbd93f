import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditEvent, EventListScanner, parseAuditEvent } from '@k8s-audit/audit-events';
import { CORE_DETECTIONS, detect, type PackName, renderPack } from '@k8s-audit/detections';
import { NO_TRUSTED_PROXIES, shapeGuideEvent, shapeWireEvent, WIRE_SCHEMA } from '@k8s-audit/event-pipeline';
import { createEngine, type DecidedVerdict, type Engine } from '@k8s-audit/rule-engine';
import { clusterLocation, frame, jsonBudget, MANAGER_MAX_DATAGRAM_BYTES, PLAIN_LOCATION } from '@k8s-audit/wazuh-message';
import { loadRules } from '@k8s-audit/wazuh-rules';
import { describe, expect, it } from 'vitest';

const RECORDED = join(import.meta.dirname, '../../../../fixtures/recorded');
const LOCATION = clusterLocation('recorded');
const BUDGET = jsonBudget(LOCATION, MANAGER_MAX_DATAGRAM_BYTES);

interface Recorded {
  readonly item: Uint8Array;
  readonly event: AuditEvent;
}

interface Decided extends Recorded {
  readonly verdict: DecidedVerdict;
  /** `k8s.detections` as Wazuh decodes it. */
  readonly detections: readonly string[];
}

// Traffic of a real API server, on the way that it takes in the product: parse, compute, shape, frame, decide.
describe.each(['guide-policy', 'request-response'])('recorded traffic (%s)', (recording) => {
  const events = readRecording(recording);
  const decided = decide(events, engineOf('core'));
  const alerts = decided.filter(({ verdict }) => verdict.alerted);

  it('becomes these alerts', async () => {
    const lines = alerts.map(({ event, verdict }) => `${verdict.rule?.id} ${verdict.rule?.level} ${event.stage} ${verdict.description}`);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/recorded-alerts.${recording}.txt`);
  });

  it('is decided by one of our rules, every event of it', () => {
    for (const { verdict } of decided) expect(verdict.rule?.groups).toContain('k8s_audit');
  });

  it('never alerts twice for one request', () => {
    const ids = alerts.map(({ event }) => event.auditID);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('alerts just where the receiver detects, and by one of the detections that it names', () => {
    for (const { verdict, detections } of decided) {
      const slug = CORE_DETECTIONS.find((each) => rulesOf(each).includes(verdict.rule?.id ?? 0))?.slug;
      expect([verdict.alerted, slug === undefined || detections.includes(slug)]).toEqual([detections.length > 0, true]);
    }
  });

  it('says nothing of what Kubernetes’ own controllers do', () => {
    for (const { event } of alerts) expect(event.user.username ?? '').not.toMatch(/^system:(serviceaccount:kube-system:|kube-|node:)/);
  });

  it('gives the guide’s rules the same alerts as its own script did', () => {
    const guide = engineOf('guide');
    for (const { item, event } of events) {
      const scripted = guide.process(frame(PLAIN_LOCATION, shapeGuideEvent(item, { budgetBytes: BUDGET }).json), 0);
      const wired = guide.process(frame(LOCATION, wireJson(event)), 0);
      expect(idAndLevel(wired)).toEqual(idAndLevel(scripted));
    }
  });
});

it('holds conditions to fields of the wire event, and negations to those that every event has', () => {
  const fields = new Map(WIRE_SCHEMA.map((field) => [field.name, field]));
  for (const { slug, condition, escalations = [] } of CORE_DETECTIONS)
    for (const test of [...condition, ...escalations.flatMap(({ when }) => when)]) {
      const field = fields.get(`k8s.${test.field}`);
      const isNegated = test.op === 'is-not' || test.op === 'matches-not';
      // A sender is always known but on a 401, which no condition that negates the name lets through.
      const isAlways = field?.always === true || (test.field === 'user.username' && !slug.startsWith('authentication'));
      expect([slug, test.field, field?.type, !isNegated || isAlways]).toEqual([slug, test.field, 'text', true]);
      if ('values' in test && field?.values !== undefined) expect(field.values).toEqual(expect.arrayContaining([...test.values]));
    }
});

function readRecording(name: string): readonly Recorded[] {
  const lists = readFileSync(join(RECORDED, `${name}.eventlists.jsonl`))
    .toString('utf8')
    .trim()
    .split('\n');
  return lists.flatMap((list) => {
    const scanner = new EventListScanner();
    const items = [...scanner.push(Buffer.from(list))];
    scanner.end();
    return items.map((item): Recorded => {
      if (item.kind !== 'event') throw new Error(`item ${item.index} of ${name} was refused`);
      const parsed = parseAuditEvent(item.bytes);
      if (parsed.kind !== 'event') throw new Error(`item ${item.index} of ${name} is no event`);
      return { item: item.bytes, event: parsed.event };
    });
  });
}

function decide(events: readonly Recorded[], engine: Engine): readonly Decided[] {
  return events.map(({ item, event }) => {
    const verdict = engine.process(frame(LOCATION, wireJson(event)), 0);
    if (verdict.kind !== 'decided') throw new Error(`${event.auditID} is ${verdict.kind}`);
    const detections = verdict.fields().find(([name]) => name === 'k8s.detections')?.[1] ?? '[]';
    return { item, event, verdict, detections: JSON.parse(detections) as readonly string[] };
  });
}

function wireJson(event: AuditEvent): string {
  const nowMs = Date.parse(event.stageTimestamp);
  return shapeWireEvent(event, { cluster: 'recorded', nowMs, trustedProxies: NO_TRUSTED_PROXIES, budgetBytes: BUDGET, detect }).json;
}

function engineOf(pack: PackName): Engine {
  return createEngine(loadRules([...renderPack(pack)].map(([name, text]) => ({ name, text }))));
}

function rulesOf({ ruleOffset, escalations = [] }: (typeof CORE_DETECTIONS)[number]): readonly number[] {
  return [ruleOffset, ...escalations.map((each) => each.ruleOffset)].map((offset) => 118_000 + offset);
}

function idAndLevel(verdict: ReturnType<Engine['process']>): unknown {
  return verdict.kind === 'decided' ? { id: verdict.rule?.id, level: verdict.rule?.level, alerted: verdict.alerted } : verdict.kind;
}
