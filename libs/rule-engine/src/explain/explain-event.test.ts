import { loadRules } from '@k8s-audit/wazuh-rules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine.ts';
import { decide, engineFor, messageOf, rule } from '../testing/engine.ts';
import { randomEvent, randomRules } from '../testing/random-rules.ts';
import type { ExplainedEvent, RuleTrial } from './explanation.ts';
import { renderExplanation } from './render-explanation.ts';

const RULES = [
  rule(100_001, 0, '<field name="kind">^Event$</field>', 'noalert="1"'),
  rule(100_002, 12, '<if_sid>100001</if_sid><field name="verb">^delete$</field><field name="who">^bob$</field>'),
  rule(100_003, 7, '<if_sid>100001</if_sid><field name="verb">^delete$</field>'),
  rule(100_004, 5, '<if_sid>100001</if_sid><match>delete</match>'),
  rule(100_005, 3, '<if_sid>100001</if_sid><field name="who" negate="yes">^x$</field>'),
].join('');

function explain(log: unknown): ExplainedEvent {
  const explanation = engineFor(RULES).explain(messageOf(log), 0);
  if (explanation.kind !== 'explained') throw new Error(explanation.kind);
  return explanation;
}

function trialOf(trials: readonly RuleTrial[], id: number): RuleTrial | undefined {
  for (const trial of trials) {
    const found = trial.ruleId === id ? trial : trialOf(trial.children, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('an explanation', () => {
  const explained = explain({ kind: 'Event', verb: 'delete' });

  it('tells the rule that won, and those that it kept from matching', () => {
    expect(explained.result).toEqual({ kind: 'rule', ruleId: 100_003, level: 7, description: 'rule 100003', alerted: true });
    expect(explained.shadowed.map(({ ruleId, shadowedBy }) => [ruleId, shadowedBy])).toEqual([[100_004, 100_003]]);
  });

  it('tells of each other rule which condition failed, and on what', () => {
    expect(trialOf(explained.trials, 100_002)).toMatchObject({
      tried: true,
      outcome: { kind: 'failed', reason: { kind: 'missing', held: 1 } },
    });
    expect(trialOf(explained.trials, 100_005)).toMatchObject({ tried: false, outcome: { kind: 'failed', reason: { kind: 'missing' } } });
    expect(trialOf(explained.trials, 100_003)?.outcome).toEqual({
      kind: 'result',
      conditions: [{ condition: 'field verb matches osregex ^delete$', value: 'delete' }],
    });
    expect(trialOf(explain({ kind: 'Pod' }).trials, 100_001)).toMatchObject({
      outcome: { kind: 'failed', reason: { kind: 'differs', value: 'Pod' } },
    });
  });

  it('tells where a rule stands', () => {
    expect(trialOf(explained.trials, 100_002)?.place).toMatchObject({ file: 'test.xml', line: 1 });
  });

  it('reads as text', () => {
    expect(renderExplanation(explained)).toMatchInlineSnapshot(`
      "location k8s, decoder json, 2 fields
      rule 100003 (level 7, alerts): rule 100003

      1 (level 0): matches, and hands on to 100003
        100001 (level 0): matches, and hands on to 100003
          100002 (level 12): fails: field who matches osregex ^bob$ — the event does not have it (1 before it held)
          100003 (level 7): matches, and is the result
              field verb matches osregex ^delete$ — it is "delete"
          100004 (level 5): would match, but it is not tried any more
      and 1 rule that fails on its first condition

      Would have matched, had none before them won:
        100004 (level 5): rule 100004 [behind 100003]
      "
    `);
  });

  it('lets no value move the cursor of a terminal', () => {
    expect(renderExplanation(explain({ kind: '\u001b[2J\nEvent' }), { everything: true })).not.toContain('\u001b');
  });

  it('neither counts nor remembers', () => {
    const engine = engineFor(
      rule(100_001, 5, '<match>a</match>') + rule(100_002, 9, '<if_matched_sid>100001</if_matched_sid>', 'frequency="2" timeframe="60"'),
    );
    const before = engine.statistics();
    for (let each = 0; each < 3; each++) engine.explain(messageOf('a'), 0);
    expect(engine.statistics()).toEqual(before);
    expect([decide(engine, 'a').rule?.id, decide(engine, 'a').rule?.id]).toEqual([100_001, 100_002]);
  });

  it('of something that is no event says what it is', () => {
    const engine = engineFor(RULES);
    expect(renderExplanation(engine.explain(Buffer.from('1:x'), 0))).toBe(
      'Wazuh drops this message (1222): the message has less than 4 bytes.\n',
    );
    expect(renderExplanation(engine.explain(Buffer.from('8:syscheck:x'), 0))).toContain('queue 8');
  });
});

it('says of any event what the engine then decides', () => {
  fc.assert(
    fc.property(randomRules(25), fc.array(randomEvent, { minLength: 1, maxLength: 6 }), (rules, events) => {
      const engine = createEngine(loadRules([{ name: 'random.xml', text: `<group name="t,">${rules}</group>` }]));
      for (const event of events) {
        const message = messageOf(event);
        const explanation = engine.explain(message, 0);
        const verdict = engine.process(message, 0);
        if (explanation.kind !== 'explained') {
          expect(verdict.kind).toBe(explanation.kind);
          continue;
        }
        const decided = verdict.kind === 'decided' && verdict.rule !== undefined ? verdict.rule.id : undefined;
        expect(explanation.result.kind === 'rule' ? explanation.result.ruleId : undefined).toBe(decided);
      }
    }),
    { numRuns: 100 },
  );
});
