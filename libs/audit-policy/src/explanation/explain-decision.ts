import type { Stage } from '@k8s-audit/audit-events';
import { createEvaluator } from '../evaluation/evaluator.ts';
import { type FailedCondition, failedCondition } from '../evaluation/rule-match.ts';
import type { Place } from '../go-json/data.ts';
import type { Decision, Policy, PolicyRule, RequestAttributes } from '../model.ts';
import { findPlace, type PolicySource } from '../reader/policy-source.ts';
import { stagesOf } from '../request-info/stages.ts';
import { describeMismatch } from './mismatch.ts';

/** What a policy does with a request, and why. */
export interface Explanation {
  readonly request: RequestAttributes;
  readonly decision: Decision;
  /** Stages of which an event is made, and those that the policy leaves out, of a request that goes well. */
  readonly stages: { readonly recorded: readonly Stage[]; readonly omitted: readonly Stage[] };
  /** Undefined: no rule matches, and nothing is recorded. */
  readonly rule: ExplainedRule | undefined;
  /** The rules before it, in order. */
  readonly passedOver: readonly (ExplainedRule & { readonly condition: FailedCondition; readonly reason: string })[];
}

export interface ExplainedRule {
  readonly index: number;
  readonly rule: PolicyRule;
  /** Where it stands; undefined when the policy does not come from a file. */
  readonly place: Place | undefined;
}

/** Explains a decision. `source` is what the reader gave beside the policy. */
export function explainDecision(policy: Policy, request: RequestAttributes, source?: PolicySource): Explanation {
  const decision = createEvaluator(policy)(request);
  const end = decision.matchedRule ?? policy.rules.length;
  const emitted = stagesOf(request);
  const isRecorded = (stage: Stage): boolean => decision.level !== 'None' && !decision.omitStages.includes(stage);
  const explained = (rule: PolicyRule, index: number): ExplainedRule => ({
    index,
    rule,
    place: source && findPlace(source.root, `rules[${index}]`),
  });
  const decider = policy.rules[end];
  return {
    request,
    decision,
    stages: { recorded: emitted.filter(isRecorded), omitted: emitted.filter((stage) => !isRecorded(stage)) },
    rule: decider && explained(decider, end),
    passedOver: policy.rules.slice(0, end).flatMap((rule, index) => {
      const condition = failedCondition(rule, request);
      return condition === undefined ? [] : [{ ...explained(rule, index), condition, reason: describeMismatch(condition, rule, request) }];
    }),
  };
}
