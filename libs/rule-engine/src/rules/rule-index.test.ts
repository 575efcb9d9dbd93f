import { loadRules } from '@k8s-audit/wazuh-rules';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEngine, type Engine } from '../engine.ts';
import { messageOf } from '../testing/engine.ts';
import { randomEvent, randomRules } from '../testing/random-rules.ts';

// The index only leaves out what would fail; the plain search is Wazuh's own way.
it('finds through the index what trying all rules in turn finds', () => {
  const found = new Set<unknown>();
  fc.assert(
    fc.property(randomRules(40), fc.array(randomEvent, { minLength: 1, maxLength: 8 }), (rules, events) => {
      const ruleset = loadRules([{ name: 'random.xml', text: `<group name="t,">${rules}</group>` }]);
      const [indexed, plain] = [createEngine(ruleset), createEngine(ruleset, { indexed: false })];
      for (const [second, event] of events.entries()) {
        const verdict = verdictOf(indexed, event, second * 1_000);
        expect(verdict).toEqual(verdictOf(plain, event, second * 1_000));
        found.add(verdict[1]);
      }
      expect(indexed.statistics()).toEqual(plain.statistics());
    }),
    { numRuns: 120 },
  );
  expect(found.size).toBeGreaterThan(20);
});

function verdictOf(engine: Engine, event: unknown, nowMs: number): readonly unknown[] {
  const verdict = engine.process(messageOf(event), nowMs);
  if (verdict.kind !== 'decided') return [verdict.kind];
  return [verdict.kind, verdict.rule?.id, verdict.alerted, verdict.logtestJson().toString('latin1')];
}
