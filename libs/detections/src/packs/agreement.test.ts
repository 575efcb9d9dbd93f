import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, type Engine } from '@k8s-audit/rule-engine';
import { loadRules } from '@k8s-audit/wazuh-rules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CORE_DETECTIONS } from '../catalogue.ts';
import { compileCondition, type WireFields } from '../condition/evaluate.ts';
import type { Detection } from '../detection.ts';
import { wireFields, wireMessage } from '../example-event.ts';
import { LEVEL_BY_SEVERITY } from '../severity.ts';
import { type PackName, renderPack } from './pack.ts';

const BASE = 118_000;
const END = 118_999;
const USER_RULE = `<group name="local,">
  <rule id="119001" level="7">
    <if_sid>110002</if_sid>
    <field name="k8s.objectRef.namespace">^payments$</field>
    <description>Somebody touched payments.</description>
  </rule>
</group>
`;
const core = engineOf(['core']);

describe.each(CORE_DETECTIONS)('$slug in Wazuh’s language', (detection) => {
  const own = [detection.ruleOffset, ...(detection.escalations ?? []).map(({ ruleOffset }) => ruleOffset)].map((offset) => BASE + offset);

  it.each(detection.examples)('$title: $alerts', ({ alerts, k8s }) => {
    const { rule, alerted } = verdictOf(core, wireMessage(wireFields(k8s)));
    if (alerts === 'none') expect(own).not.toContain(rule);
    else expect({ rule, alerted }).toEqual({ rule: BASE + alerts, alerted: true });
  });

  it('is silenced by its own exception only', () => {
    const [example] = detection.examples.filter(({ alerts }) => alerts !== 'none');
    const ruleWith = (excepted: string): number | undefined => verdictOf(core, wireMessage(wireFields({ ...example?.k8s, excepted }))).rule;
    for (const excepted of [detection.slug, `other,${detection.slug}`, `${detection.slug},other`])
      expect(own).not.toContain(ruleWith(excepted));
    for (const excepted of ['-', 'other', `${detection.slug}-not`, `not-${detection.slug}`, detection.slug.toUpperCase()])
      expect(own).toContain(ruleWith(excepted));
  });
});

// The promise of the condition language: what `detect` says in the receiver and what Wazuh's rules decide never differ.
it('gives the rule that the conditions ask for, for any event', () => {
  const seen = new Set<number>();
  fc.assert(
    fc.property(anyWireFields(), (k8s) => {
      const expected = expectedRule(k8s);
      seen.add(expected);
      expect(verdictOf(core, wireMessage(k8s)).rule).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
  // Every rule of the pack was asked for, or the property says little.
  expect(seen.size).toBe(1 + CORE_DETECTIONS.flatMap(({ escalations = [] }) => [1, ...escalations]).length);
});

describe('an event that is none of ours', () => {
  it.each([
    ['a named cluster’s is', '[000] (prod-eu) audit->k8s', {}, BASE + 211],
    ['one on a plain socket is', 'k8s', {}, BASE + 211],
    ['an agent that names its log k8s', '[005] (worker) any->k8s', {}, undefined],
    ['an agent with an address', '[005] (worker) 10.0.0.5->k8s', {}, undefined],
    ['a container’s log', '/var/log/containers/x.log', {}, undefined],
    ['a longer location', 'k8s-x', {}, undefined],
    ['another version of the wire event', 'k8s', { schema: '11' }, undefined],
    ['no version', 'k8s', { schema: undefined }, undefined],
  ])('%s (%s)', (_title, location, changes, rule) => {
    expect(verdictOf(core, wireMessage(wireFields(changes), location)).rule).toBe(rule);
  });

  it('reaches the end rule when nobody asks for it', () => {
    expect(verdictOf(core, wireMessage(wireFields({ action: 'list nodes', verb: 'list' })))).toEqual({
      rule: END,
      level: 0,
      alerted: false,
    });
  });
});

describe('the pack guide', () => {
  const guide = engineOf(['guide']);
  const rows = readFileSync(join(import.meta.dirname, '../../../../fixtures/analysisd/events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
    .filter(({ rules_file }) => rules_file === 'rules/seed.xml');

  it('is held to the recorded events', () => {
    expect(rows.length).toBeGreaterThanOrEqual(19);
  });

  it.each(rows)('decides as the real wazuh-analysisd did: $name', ({ message, expected }) => {
    const { rule, level, alerted } = verdictOf(guide, message);
    expect({ rule, level, alerted }).toEqual({
      rule: expected.rule === null ? undefined : Number(expected.rule.id),
      level: expected.rule?.level,
      alerted: expected.alerted,
    });
  });

  it.each(rows.filter(({ alert }) => alert !== undefined))('writes the alert of the real one: $name', ({ message, alert }) => {
    const verdict = guide.process(Buffer.from(message), 0);
    const written = verdict.kind === 'decided' ? verdict.alertJson()?.toString() : undefined;
    expect(JSON.parse(written ?? '{}')).toMatchObject({ ...alert, agent: { ...alert?.agent, name: expect.any(String) } });
  });

  it('alerts on the wire event’s creations and deletions, and on nothing else', () => {
    const ruleOf = (verb: string): unknown => verdictOf(guide, wireMessage(wireFields({ verb })));
    expect(ruleOf('create')).toEqual({ rule: 110_003, level: 5, alerted: true });
    expect(ruleOf('delete')).toEqual({ rule: 110_004, level: 5, alerted: true });
    expect(ruleOf('deletecollection')).toEqual({ rule: 110_004, level: 5, alerted: true });
    for (const verb of ['get', 'update', 'patch', 'list', 'watch'])
      expect(ruleOf(verb)).toEqual({ rule: 110_002, level: 0, alerted: false });
  });
});

describe('both packs and a user’s rule below 110002', () => {
  const both = engineOf(['core', 'guide'], USER_RULE);

  it.each([
    ['core wins where both alert', {}, BASE + 211],
    ['the guide alerts where core has nothing to say', { action: 'create configmaps' }, 110_003],
    ['the user’s rule wins over the guide’s', { action: 'create configmaps', objectRef: { namespace: 'payments' } }, 119_001],
    ['a silent event stays with the guide’s base', { action: 'get configmaps', verb: 'get' }, 110_002],
  ])('%s', (_title, changes, rule) => {
    expect(verdictOf(both, wireMessage(wireFields(changes))).rule).toBe(rule);
  });
});

interface Row {
  readonly name: string;
  readonly rules_file: string;
  readonly message: string;
  readonly alert?: { readonly agent: object };
  readonly expected: { readonly rule: { readonly id: string; readonly level: number } | null; readonly alerted: boolean };
}

function engineOf(packs: readonly PackName[], localRules?: string): Engine {
  const files = packs.flatMap((pack) => [...renderPack(pack)].map(([name, text]) => ({ name, text })));
  return createEngine(loadRules(localRules === undefined ? files : [...files, { name: 'local_rules.xml', text: localRules }]));
}

function verdictOf(
  engine: Engine,
  message: string,
): { readonly rule: number | undefined; readonly level: number | undefined; readonly alerted: boolean } {
  const verdict = engine.process(Buffer.from(message), 0);
  if (verdict.kind !== 'decided') return { rule: undefined, level: undefined, alerted: false };
  return { rule: verdict.rule?.id, level: verdict.rule?.level, alerted: verdict.alerted };
}

/** The highest level wins, the order of the file decides between equals, and an escalation replaces its detection's rule. */
function expectedRule(k8s: WireFields): number {
  const excepted = String(k8s['excepted']).split(',');
  const matching = CORE_DETECTIONS.filter(({ slug, condition }) => compileCondition(condition)(k8s) === 'true' && !excepted.includes(slug));
  const [winner] = matching.toSorted((left, right) => LEVEL_BY_SEVERITY[right.severity] - LEVEL_BY_SEVERITY[left.severity]);
  return winner === undefined ? END : BASE + offsetOf(winner, k8s);
}

function offsetOf({ ruleOffset, escalations = [] }: Detection, k8s: WireFields): number {
  return escalations.find(({ when }) => compileCondition(when)(k8s) === 'true')?.ruleOffset ?? ruleOffset;
}

/** An example with some fields changed, to values that conditions ask for and others near them. */
function anyWireFields(): fc.Arbitrary<WireFields> {
  const examples = CORE_DETECTIONS.flatMap((detection) => detection.examples.map(({ k8s }) => wireFields(k8s)));
  const valuesOf = (field: string): fc.Arbitrary<unknown> => fc.constantFrom(...new Set(examples.map((k8s) => k8s[field])));
  const fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    action: valuesOf('action'),
    outcome: fc.constantFrom('allowed', 'forbidden', 'unauthenticated', 'failed', 'pending'),
    actor: fc.constantFrom('human', 'service-account', 'node', 'control-plane', 'anonymous'),
    stage: fc.constantFrom('RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'),
    requestURI: fc.oneof(
      valuesOf('requestURI'),
      fc.string(),
      fc.webQueryParameters().map((query) => `/x?${query}&dryRun=All`),
    ),
    user: fc.oneof(valuesOf('user'), fc.constant({}), fc.record({ username: fc.string({ unit: 'grapheme', minLength: 1 }) })),
    responseStatus: fc.oneof(valuesOf('responseStatus'), fc.constant({})),
    decision: fc.constantFrom('allow', 'forbid'),
    excepted: fc.subarray([...CORE_DETECTIONS.map(({ slug }) => slug), 'other']).map((slugs) => slugs.join(',') || '-'),
  };
  const change = fc.oneof(...Object.entries(fields).map(([field, values]) => values.map((value): WireFields => ({ [field]: value }))));
  const changes = fc.array(change, { maxLength: 3 }).map((each): WireFields => Object.assign({}, ...each));
  return fc.tuple(fc.constantFrom(...examples), changes).map(([example, change]) => ({ ...example, ...change }));
}
