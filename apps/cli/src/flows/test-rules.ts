import { type PackName, packExamples } from '@k8s-audit/detections';
import type { Engine } from '@k8s-audit/rule-engine';
import type { Rule } from '@k8s-audit/wazuh-rules';
import { type EventVerdict, eventVerdictOf } from './event-verdict.ts';
import type { RuleCase } from './rule-cases.ts';
import { datagramOf } from './rule-event.ts';
import { differencesFrom, type RuleExpectation } from './rule-expectation.ts';

/** Where the clock begins when no event says when it happened. */
const START_MS = Date.UTC(2026, 0, 1);

export interface TestedEvent {
  readonly name: string;
  readonly verdict: EventVerdict;
  readonly expected?: RuleExpectation;
  /** Against `expected`; empty: as expected. Absent: nothing was expected. */
  readonly differences?: readonly string[];
}

export interface RuleTestResult {
  readonly events: readonly TestedEvent[];
  readonly passed: number;
  readonly failed: number;
  readonly alerts: number;
  /** Of these rules the engine could not tell, so many times each. */
  readonly undecided: Readonly<Record<number, number>>;
  /** Events that the receiver or Wazuh would not take. */
  readonly refused: number;
  /** Own rules that were the result of no event. */
  readonly untested: readonly { readonly id: number; readonly file: string; readonly line: number }[];
}

/** Puts the events through the engine, one after the other: rules that count see those before. */
export function testRules(engine: Engine, cases: readonly RuleCase[], own: readonly Rule[]): RuleTestResult {
  const events: TestedEvent[] = [];
  feedCases(cases, ({ name, event, expected }, nowMs) => {
    const verdict: EventVerdict = event.kind === 'refused' ? event : eventVerdictOf(engine.process(datagramOf(event), nowMs));
    events.push({ name, verdict, ...(expected === undefined ? {} : { expected, differences: differencesFrom(expected, verdict) }) });
  });
  return summarise(events, own);
}

/**
 * Hands each event over with its time: what the case says, else the audit event's own, which is not let go back, else that of the
 * event before. Gives back the last.
 */
export function feedCases(cases: readonly RuleCase[], take: (each: RuleCase, nowMs: number) => void): number {
  let nowMs: number | undefined;
  for (const each of cases) {
    const { event, afterSeconds } = each;
    const ownMs = event.kind === 'message' ? event.atMs : undefined;
    const before = nowMs ?? ownMs ?? START_MS;
    nowMs = afterSeconds === undefined ? Math.max(before, ownMs ?? before) : before + afterSeconds * 1_000;
    take(each, nowMs);
  }
  return nowMs ?? START_MS;
}

/** The examples of a pack, each on an engine of its own: a rule that counts shall not count them together. */
export function testPackExamples(openEngine: () => Engine, pack: PackName): RuleTestResult {
  const events = packExamples(pack).map(({ about, title, message, expected }): TestedEvent => {
    const verdict = eventVerdictOf(openEngine().process(Buffer.from(message), START_MS));
    const wanted: RuleExpectation = expected.kind === 'alerts' ? { rule: expected.rule, alerted: true } : { not: expected.rules };
    return { name: `${about}: ${title}`, verdict, expected: wanted, differences: differencesFrom(wanted, verdict) };
  });
  return summarise(events, []);
}

export function joinResults(results: readonly RuleTestResult[]): RuleTestResult {
  const sum = (count: (result: RuleTestResult) => number): number => results.reduce((total, result) => total + count(result), 0);
  return {
    events: results.flatMap(({ events }) => events),
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    alerts: sum(({ alerts }) => alerts),
    undecided: Object.assign({}, ...results.map(({ undecided }) => undecided)),
    refused: sum(({ refused }) => refused),
    untested: results.flatMap(({ untested }) => untested),
  };
}

function summarise(events: readonly TestedEvent[], own: readonly Rule[]): RuleTestResult {
  const checked = events.flatMap(({ differences }) => (differences === undefined ? [] : [differences.length === 0]));
  const reached = new Set(events.flatMap(({ verdict }) => (verdict.kind === 'decided' && verdict.rule !== null ? [verdict.rule.id] : [])));
  return {
    events,
    passed: checked.filter((isGood) => isGood).length,
    failed: checked.filter((isGood) => !isGood).length,
    alerts: events.filter(({ verdict }) => verdict.kind === 'decided' && verdict.alerted).length,
    undecided: undecidedOf(events),
    refused: events.filter(({ verdict }) => verdict.kind === 'refused').length,
    untested: own
      .filter(({ id, noalert }) => noalert !== true && !reached.has(id))
      .map(({ id, place }) => ({ id, file: place.file, line: place.line })),
  };
}

function undecidedOf(events: readonly TestedEvent[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { verdict } of events) if (verdict.kind === 'undecided') counts[verdict.ruleId] = (counts[verdict.ruleId] ?? 0) + 1;
  return counts;
}

/** The events as cases, each with what became of it: what a later run shall find again. */
export function casesFrom(cases: readonly RuleCase[], { events }: RuleTestResult): readonly string[] {
  return cases.flatMap(({ name, event, afterSeconds }, index) => {
    const verdict = events[index]?.verdict;
    if (event.kind !== 'message' || verdict?.kind !== 'decided') return [];
    const { rule, alerted } = verdict;
    return [
      JSON.stringify({
        name,
        ...(afterSeconds === undefined ? {} : { after: afterSeconds }),
        ...(event.item === undefined ? { location: event.location, event: event.log } : { event: JSON.parse(event.item) as unknown }),
        expect: rule === null ? 'none' : { rule: rule.id, level: rule.level, alerted },
      }),
    ];
  });
}
