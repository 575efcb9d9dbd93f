import { type ByteString, textOf } from '../byte-string.ts';
import type { CompiledNode } from '../rules/compiled-rule.ts';
import type { EventEvaluation } from '../rules/event-evaluation.ts';
import type { EventMemory, RememberedEvent } from '../rules/event-memory.ts';
import { describeCondition, describeCorrelation } from './condition-text.ts';
import type { ExplainedEvent, ExplainedResult, FailureReason, HeldCondition, RuleTrial, TrialOutcome } from './explanation.ts';

const MAX_VALUE_CHARACTERS = 200;

/** Tries every rule that an event can reach, those too that Wazuh would not come to any more, and says what decided. */
export function explainEvent(
  now: RememberedEvent,
  roots: readonly CompiledNode[],
  evaluation: EventEvaluation,
  memory: EventMemory,
  budgetSteps: number,
): ExplainedEvent {
  const { event } = now;
  evaluation.begin(event, budgetSteps);
  let winner: CompiledNode | undefined;
  let isStuck: number | undefined;
  const shadowed: { ruleId: number; level: number; description: string; shadowedBy: number }[] = [];

  /** `hides`: a rule before this one has won already, at this place or above. */
  const visit = (node: CompiledNode, hides: boolean): { readonly trial: RuleTrial; readonly result: CompiledNode | undefined } => {
    const { rule } = node.compiled;
    // Each rule has its own steps: what Wazuh tries in one go is here one trial after the other.
    evaluation.budget.steps = budgetSteps;
    const about = { ruleId: rule.id, level: rule.level, description: rule.description, place: rule.place, tried: !hides };
    const failed = failureOf(node);
    if (failed !== undefined) {
      if (failed.kind === 'undecided' && !hides) isStuck ??= rule.id;
      return { trial: { ...about, outcome: failed, children: [] }, result: undefined };
    }
    let result: CompiledNode | undefined;
    const children: RuleTrial[] = [];
    for (const child of node.children) {
      const below = visit(child, hides || result !== undefined || isStuck !== undefined);
      children.push(below.trial);
      result ??= below.result;
    }
    if (result !== undefined) return { trial: { ...about, outcome: { kind: 'passed-on', to: result.compiled.rule.id }, children }, result };
    if (rule.noalert === true) return { trial: { ...about, outcome: { kind: 'container' }, children }, result: undefined };
    const isResult = !hides && winner === undefined && isStuck === undefined;
    if (isResult) winner = node;
    else if (winner !== undefined)
      shadowed.push({ ruleId: rule.id, level: rule.level, description: fill(node), shadowedBy: winner.compiled.rule.id });
    const outcome: TrialOutcome = isResult ? { kind: 'result', conditions: conditionsOf(node) } : { kind: 'would-match' };
    return { trial: { ...about, outcome, children }, result: node };
  };

  const failureOf = (node: CompiledNode): Extract<TrialOutcome, { kind: 'failed' | 'undecided' }> | undefined => {
    const { checks, correlation, isUndecidable, rule } = node.compiled;
    const correlated = rule.correlation === undefined ? '' : describeCorrelation(rule.correlation);
    for (const [held, check] of checks.entries()) {
      const outcome = check.outcomeOf(evaluation);
      if (outcome === 'match') continue;
      const condition = describeCondition(check.condition);
      if (outcome === 'undecided') return { kind: 'undecided', condition };
      const value = check.valueOf(event);
      const reason: FailureReason =
        value === undefined ? { kind: 'missing', condition, held } : { kind: 'differs', condition, held, value: shorten(value) };
      return { kind: 'failed', reason };
    }
    if (isUndecidable) return { kind: 'undecided', condition: 'what this engine does not do' };
    const outcome = correlation?.outcomeOf(now, memory, evaluation.budget, true).outcome;
    if (outcome === 'undecided') return { kind: 'undecided', condition: correlated };
    return outcome === 'miss' ? { kind: 'failed', reason: { kind: 'correlation', condition: correlated, held: checks.length } } : undefined;
  };
  const conditionsOf = ({ compiled: { checks, rule } }: CompiledNode): readonly HeldCondition[] => [
    ...checks.map((check): HeldCondition => {
      const value = check.valueOf(event);
      return { condition: describeCondition(check.condition), ...(value === undefined ? {} : { value: shorten(value) }) };
    }),
    ...(rule.correlation === undefined ? [] : [{ condition: describeCorrelation(rule.correlation) }]),
  ];
  const fill = (node: CompiledNode): string => textOf(node.compiled.describe(event));

  const trials: RuleTrial[] = [];
  let isWon = false;
  for (const root of roots) {
    const { trial, result } = visit(root, isWon || isStuck !== undefined);
    trials.push(trial);
    isWon ||= result !== undefined;
  }
  return {
    kind: 'explained',
    location: textOf(event.location),
    decoder: event.decoder,
    fields: event.fields.size,
    result: resultOf(winner, isStuck, fill),
    trials,
    shadowed,
  };
}

function resultOf(winner: CompiledNode | undefined, isStuck: number | undefined, fill: (node: CompiledNode) => string): ExplainedResult {
  if (isStuck !== undefined) return { kind: 'undecided', ruleId: isStuck };
  if (winner === undefined) return { kind: 'none' };
  const { rule } = winner.compiled;
  return { kind: 'rule', ruleId: rule.id, level: rule.level, description: fill(winner), alerted: rule.alert.log };
}

function shorten(value: ByteString): string {
  const text = textOf(value);
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS)}…` : text;
}
