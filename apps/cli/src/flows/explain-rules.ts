import { Failure } from '@k8s-audit/failure';
import type { Engine, Explanation } from '@k8s-audit/rule-engine';
import type { RuleCase } from './rule-cases.ts';
import { datagramOf } from './rule-event.ts';
import { feedCases } from './test-rules.ts';

export interface ExplainedCase {
  readonly name: string;
  /** What Wazuh is sent: `1:LOCATION:…`; absent when nothing is. */
  readonly message?: string;
  readonly explanation: Explanation | { readonly kind: 'not-sent'; readonly reason: string };
}

/**
 * Explains one of the events, counted from 1; those before it are processed, so that rules that count have something to count.
 *
 * @throws {Failure} RULES_EVENT_UNUSABLE when there are not so many
 */
export function explainCase(engine: Engine, cases: readonly RuleCase[], item: number): ExplainedCase {
  const chosen = cases[item - 1];
  if (chosen === undefined)
    throw new Failure('RULES_EVENT_UNUSABLE', `There is no event ${item}: the last one is ${cases.length}.`, {
      hint: cases.length === 1 ? 'Leave --item out.' : `Give --item 1 to ${cases.length}.`,
    });
  const { name, event } = chosen;
  const nowMs = feedCases(cases.slice(0, item), (each, atMs) => {
    if (each !== chosen && each.event.kind === 'message') engine.process(datagramOf(each.event), atMs);
  });
  if (event.kind === 'refused') return { name, explanation: { kind: 'not-sent', reason: event.reason } };
  return { name, message: Buffer.from(datagramOf(event)).toString('utf8'), explanation: engine.explain(datagramOf(event), nowMs) };
}
