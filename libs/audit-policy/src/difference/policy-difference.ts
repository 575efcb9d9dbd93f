import { LEVELS, type Level, STAGES, type Stage } from '@k8s-audit/audit-events';
import { createEvaluator, unionStages } from '../evaluation/evaluator.ts';
import type { Decision, Policy } from '../model.ts';
import { classifyRequests } from '../request-classes/classify.ts';
import type { RequestClass } from '../request-classes/request-class.ts';
import type { Witness } from '../request-classes/witness.ts';

/** What is recorded of a request, without what cannot be seen of it. */
export interface Recorded {
  readonly level: Level;
  /** Empty at level None: there is no event to leave out. */
  readonly omitStages: readonly Stage[];
  /** False without bodies: there is nothing to leave it out of. */
  readonly omitManagedFields: boolean;
}

/** Requests of which two policies record something else, in the same way. */
export interface ChangedRequests {
  readonly requests: RequestClass;
  readonly before: Recorded;
  readonly after: Recorded;
  readonly witness: Witness;
  /** The rules that decide the witness; undefined: none matches it. Other requests of the class may meet other rules. */
  readonly rules: { readonly before: number | undefined; readonly after: number | undefined };
}

export type PolicyDifference =
  | {
      readonly kind: 'compared';
      /** Disjoint; those that lose most first. */
      readonly changes: readonly ChangedRequests[];
      /** More than `changes` when there are more than were asked for. */
      readonly count: number;
    }
  | { readonly kind: 'too-large' };

/**
 * How two policies differ, in requests: every request of which they record something else is in exactly one class, and
 * no other is in any. What is bounded: at most `limit` classes are listed (all are counted), and policies that are too
 * tangled are said to be too large rather than compared in part.
 */
export function comparePolicies(before: Policy, after: Policy, limit = 1_000): PolicyDifference {
  const [recordedBefore, recordedAfter] = [before, after].map(recordedByRule) as [RecordedBy, RecordedBy];
  const classified = classifyRequests(
    [before, after],
    ([ruleBefore, ruleAfter]) => {
      const [a, b] = [recordedBefore(ruleBefore), recordedAfter(ruleAfter)];
      const [textA, textB] = [JSON.stringify(a), JSON.stringify(b)];
      return textA === textB ? undefined : `${textA}\n${textB}`;
    },
    limit,
  );
  if (classified.kind === 'too-large') return classified;
  const [decideBefore, decideAfter] = [createEvaluator(before), createEvaluator(after)];
  const changes = classified.classes.map(({ requests, verdict, witness }): ChangedRequests => {
    const [a = '', b = ''] = verdict.split('\n');
    return {
      requests,
      before: JSON.parse(a) as Recorded,
      after: JSON.parse(b) as Recorded,
      witness,
      rules: { before: decideBefore(witness.request).matchedRule, after: decideAfter(witness.request).matchedRule },
    };
  });
  return { kind: 'compared', changes: changes.sort((a, b) => gain(a) - gain(b)), count: classified.count };
}

/** What a decision comes to. */
export function recordedOf({ level, omitStages, omitManagedFields }: Omit<Decision, 'matchedRule'>): Recorded {
  const omitted = unionStages(omitStages);
  if (level === 'None' || omitted.length === STAGES.length) return { level: 'None', omitStages: [], omitManagedFields: false };
  return { level, omitStages: omitted, omitManagedFields: omitManagedFields && level !== 'Metadata' };
}

type RecordedBy = (rule: number | undefined) => Recorded;

function recordedByRule(policy: Policy): RecordedBy {
  const recorded = policy.rules.map((rule) =>
    recordedOf({
      level: rule.level,
      omitStages: unionStages(policy.omitStages, rule.omitStages),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
    }),
  );
  const nothing: Recorded = { level: 'None', omitStages: [], omitManagedFields: false };
  return (rule) => (rule === undefined ? nothing : (recorded[rule] ?? nothing));
}

function gain({ before, after }: ChangedRequests): number {
  return LEVELS.indexOf(after.level) - LEVELS.indexOf(before.level);
}
