/**
 * Random rules on random events, and the patterns that stop careless matchers on what makes them slow: the index finds what trying all
 * rules finds, an explanation says what the engine decides, no event takes more than its budget or 50 ms of CPU, and one that
 * could not be told is undecided and counted.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { createEngine, type Engine } from '@k8s-audit/rule-engine';
import { BAD_PATTERNS, randomEvent, randomRules } from '@k8s-audit/rule-engine/testing';
import { loadRules } from '@k8s-audit/wazuh-rules';
import fc from 'fast-check';
import { CpuBound } from './cpu-bound.ts';
import type { Target } from './target.ts';

const BOUND_MS = 50;

export const fuzzEngine: Target = async ({ milliseconds, seed }) => {
  const bound = new CpuBound(BOUND_MS);
  const bad = checkBadPatterns(bound);
  let events = 0;
  let matched = 0;
  const endsAt = performance.now() + milliseconds;
  fc.assert(
    fc.property(randomRules(60), fc.array(randomEvent, { minLength: 1, maxLength: 12 }), (rules, log) => {
      const ruleset = loadRules([{ name: 'fuzz.xml', text: `<group name="t,">${rules}</group>` }]);
      const [indexed, plain] = [createEngine(ruleset), createEngine(ruleset, { indexed: false })];
      for (const [second, event] of log.entries()) {
        events++;
        const message = messageOf(event);
        const explanation = indexed.explain(message, second * 1_000);
        const verdict = verdictOf(indexed, message, second * 1_000);
        deepStrictEqual(verdict, verdictOf(plain, message, second * 1_000));
        const [, id] = verdict;
        if (id !== undefined) matched++;
        if (explanation.kind === 'explained')
          deepStrictEqual(explanation.result.kind === 'rule' ? explanation.result.ruleId : undefined, id);
      }
      deepStrictEqual(indexed.statistics(), plain.statistics());
    }),
    { seed, interruptAfterTimeLimit: milliseconds, numRuns: Number.MAX_SAFE_INTEGER, markInterruptAsFailure: false },
  );
  const slow = fuzzSlowPatterns(bound, seed, Math.max(1_000, endsAt - performance.now()));
  return `${events} events, ${matched} with a rule, the same with and without the index; ${bad} bad patterns and ${slow} made-up ones on 64 KB, at most ${bound.worstMs} ms of CPU an event`;
};

/** Each bad pattern as a rule of its own, on a message that holds its subject. */
function checkBadPatterns(bound: CpuBound): number {
  const usable = BAD_PATTERNS.filter(({ pattern, outcome }) => outcome !== 'refused' && !pattern.includes('<'));
  for (const { type, pattern, subject } of usable) decideWithin(bound, type, pattern, subject);
  return usable.length;
}

const atom = fc.constantFrom('a', 'b', '.', '\\w', '\\d', '[ab]', '[^c]', 'ab', '\\s');
const repeat = fc.constantFrom('', '*', '+', '?', '{1,20}', '*?', '++', '{2,}');
const { any: pattern } = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(atom, repeat).map((parts) => parts.join('')),
    fc.tuple(tie('any'), tie('any')).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('(', '(?:', '(?=', '(?!', '(?>'), tie('any'), repeat)
      .map(([open, inside, times]) => `${open}${inside})${times}`),
    fc.tuple(tie('any'), tie('any')).map(([left, right]) => `(${left}|${right})`),
    fc.constantFrom('(a*)\\1', '^', '$', '\\b'),
  ),
}));

function fuzzSlowPatterns(bound: CpuBound, seed: number, milliseconds: number): number {
  let runs = 0;
  fc.assert(
    fc.property(pattern, fc.constantFrom('a', 'ab', 'aab', 'a b', 'abc1 '), fc.constantFrom('', 'c', '!'), (text, unit, end) => {
      runs++;
      decideWithin(bound, 'pcre2', text, unit.repeat(Math.ceil(64_000 / unit.length)).slice(0, 64_000) + end);
    }),
    { seed, interruptAfterTimeLimit: milliseconds, numRuns: Number.MAX_SAFE_INTEGER, markInterruptAsFailure: false },
  );
  return runs;
}

function decideWithin(bound: CpuBound, type: string, text: string, subject: string): void {
  const rules = `<group name="s,"><rule id="100100" level="3"><field name="text" type="${type}">${text}</field><description>d</description></rule></group>`;
  const engine = createEngine(loadRules([{ name: 'slow.xml', text: rules }]), { unsupported: 'undecided' });
  if (engine.unsupported.length > 0) return;
  const message = messageOf({ text: subject.slice(-64_400) });
  const before = engine.statistics().undecided;
  const verdict = bound.hold(() => engine.process(message, 0));
  const { undecided, undecidedByRule } = engine.statistics();
  ok((verdict.kind === 'undecided') === undecided > before);
  if (verdict.kind === 'undecided') ok((undecidedByRule[100_100] ?? 0) === undecided);
}

function messageOf(log: unknown): Buffer {
  return Buffer.from(`1:k8s:${typeof log === 'string' ? log : JSON.stringify(log)}`);
}

function verdictOf(engine: Engine, message: Uint8Array, nowMs: number): readonly [kind: string, id: number | undefined, line: string] {
  const verdict = engine.process(message, nowMs);
  if (verdict.kind !== 'decided') return [verdict.kind, undefined, ''];
  return [verdict.kind, verdict.rule?.id, verdict.logtestJson().toString('latin1')];
}
