import { loadRules } from '@k8s-audit/wazuh-rules';
import { describe, expect, it } from 'vitest';
import { createEngine, DEFAULT_BUDGET_STEPS } from '../engine.ts';
import { BAD_PATTERNS, type BadPattern } from '../testing/bad-patterns.ts';
import { compileExpression } from './compile-expression.ts';

// Steps, not time: they are the same on every machine. What a step costs is measured by `npm run fuzz -- engine`.
describe('a pattern that stops careless matchers', () => {
  const compiled = BAD_PATTERNS.filter(({ outcome }) => outcome !== 'refused');

  it.each(compiled.map((bad) => [title(bad), bad] as const))('%s', (_title, { type, pattern, subject, outcome }) => {
    const result = compileExpression(type, pattern);
    if (result.kind !== 'compiled') throw new Error(`${result.kind}`);
    const budget = { steps: DEFAULT_BUDGET_STEPS };
    expect(result.expression.match(subject, budget)).toBe(outcome);
    // A matcher may overdraw by what one look at the subject costs, and no further.
    expect(budget.steps).toBeGreaterThan(-subject.length);
    expect(budget.steps < 0).toBe(outcome === 'undecided');
  });

  it('is refused by name when it is beyond the matcher', () => {
    const refused = BAD_PATTERNS.filter(({ outcome }) => outcome === 'refused').map(({ type, pattern }) =>
      compileExpression(type, pattern),
    );
    expect(refused).toEqual([
      { kind: 'unsupported', construct: 'subroutine call', offset: 7 },
      { kind: 'unsupported', construct: 'a pattern of more than 30000 instructions (large counts)', offset: 0 },
    ]);
  });

  it('has many kinds', () => {
    expect(BAD_PATTERNS.length).toBeGreaterThanOrEqual(30);
    expect(new Set(BAD_PATTERNS.map(({ type }) => type))).toEqual(new Set(['pcre2', 'osregex', 'osmatch']));
  });
});

describe('an event that a rule cannot be told of within the budget', () => {
  const slow = BAD_PATTERNS.filter(({ type, outcome, pattern }) => type === 'pcre2' && outcome === 'undecided' && !pattern.includes('<'));
  const messageOf = (subject: string): Buffer => Buffer.from(`1:k8s:${JSON.stringify({ kind: 'Event', text: subject.slice(-64_000) })}`);
  const rulesOf = (pattern: string): string => `<group name="g,">
    <rule id="100100" level="5"><field name="kind">^Event$</field><description>base</description></rule>
    <rule id="100101" level="12"><if_sid>100100</if_sid><field name="text" type="pcre2">${pattern}</field><description>slow</description></rule>
    <rule id="100102" level="7"><if_sid>100100</if_sid><description>behind it</description></rule>
  </group>`;

  it.each(slow.map((bad) => [title(bad), bad] as const))('is undecided by name and counted: %s', (_title, { pattern, subject }) => {
    const engine = createEngine(loadRules([{ name: 'slow.xml', text: rulesOf(pattern) }]));
    const verdict = engine.process(messageOf(subject), 0);
    expect(verdict).toMatchObject({ kind: 'undecided', rule: { id: 100_101 } });
    if (verdict.kind === 'undecided') expect(JSON.parse(verdict.archiveJson().toString())).not.toHaveProperty('rule');
    expect(engine.statistics()).toMatchObject({ received: 1, undecided: 1, matched: 0, alerted: 0, undecidedByRule: { 100101: 1 } });
    // The next event has its own budget.
    expect(engine.process(messageOf('short'), 0)).toMatchObject({ kind: 'decided', rule: { id: 100_102 } });
  });

  it('shares one budget among all rules that are tried', () => {
    const rule = (id: number): string =>
      `<rule id="${id}" level="3"><field name="text" type="pcre2">(?=.*a)(?=.*b)^.*${id}!!$</field><description>d</description></rule>`;
    const many = `<group name="g,">${Array.from({ length: 40 }, (_, index) => rule(100_100 + index)).join('')}</group>`;
    const engine = createEngine(loadRules([{ name: 'many.xml', text: many }]), { budgetSteps: 300_000 });
    const subject = `${'ab'.repeat(3_000)}${Array.from({ length: 40 }, (_, index) => `${100_100 + index}!!`).join('')}x`;
    expect(engine.process(messageOf(subject), 0)).toMatchObject({ kind: 'undecided' });
    expect(engine.process(messageOf('ab'), 0)).toMatchObject({ kind: 'decided' });
  });
});

function title({ type, pattern }: BadPattern): string {
  return `${type} ${pattern.slice(0, 50)}`;
}
