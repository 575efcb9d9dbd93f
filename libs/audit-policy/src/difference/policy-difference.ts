import { LEVELS, type Level, STAGES, type Stage } from '@k8s-audit/audit-events';
import { unionStages } from '../evaluation/evaluator.ts';
import type { Decision, Policy } from '../model.ts';
import { classifyRequests, type JudgedRequests } from '../request-classes/classify.ts';

/** What is recorded of a request, without what cannot be seen of it. */
export interface Recorded {
  readonly level: Level;
  /** Empty at level None: there is no event to leave out. */
  readonly omitStages: readonly Stage[];
  /** False without bodies: there is nothing to leave it out of. */
  readonly omitManagedFields: boolean;
}

/** Requests of which two policies record something else, decided by the same two rules. */
export interface ChangedRequests extends Omit<JudgedRequests, 'verdict'> {
  readonly before: Recorded;
  readonly after: Recorded;
  /** Index of the rule that decides in each; undefined: none matches. */
  readonly rules: { readonly before: number | undefined; readonly after: number | undefined };
}

export type PolicyDifference =
  /** Those that lose most first. */
  { readonly kind: 'compared'; readonly changes: readonly ChangedRequests[] } | { readonly kind: 'too-large' };

/**
 * How two policies differ, in requests: every request of which they record something else is in exactly one change, and
 * no other is in any. What is bounded: at most `maxParts` parts of each change are listed (all are counted), and
 * policies that are too tangled are said to be too large rather than compared in part.
 */
export function comparePolicies(before: Policy, after: Policy, maxParts = 20): PolicyDifference {
  const [recordedBefore, recordedAfter] = [recordedByRule(before), recordedByRule(after)];
  const classified = classifyRequests(
    [before, after],
    ([a, b]) => (JSON.stringify(recordedBefore(a)) === JSON.stringify(recordedAfter(b)) ? undefined : `${a ?? ''} ${b ?? ''}`),
    maxParts,
  );
  if (classified.kind === 'too-large') return classified;
  const changes = classified.judged.map(({ verdict, ...judged }): ChangedRequests => {
    const [a, b] = verdict.split(' ').map((index) => (index === '' ? undefined : Number(index)));
    return { before: recordedBefore(a), after: recordedAfter(b), rules: { before: a, after: b }, ...judged };
  });
  return { kind: 'compared', changes: changes.sort((a, b) => gain(a) - gain(b)) };
}

/** What a decision comes to. */
export function recordedOf({ level, omitStages, omitManagedFields }: Omit<Decision, 'matchedRule'>): Recorded {
  const omitted = unionStages(omitStages);
  if (level === 'None' || omitted.length === STAGES.length) return NOTHING;
  return { level, omitStages: omitted, omitManagedFields: omitManagedFields && level !== 'Metadata' };
}

/** What each rule of a policy makes of a request that it decides. */
export function recordedByRule(policy: Policy): (rule: number | undefined) => Recorded {
  const recorded = policy.rules.map((rule) =>
    recordedOf({
      level: rule.level,
      omitStages: unionStages(policy.omitStages, rule.omitStages),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
    }),
  );
  return (rule) => (rule === undefined ? NOTHING : (recorded[rule] ?? NOTHING));
}

const NOTHING: Recorded = { level: 'None', omitStages: [], omitManagedFields: false };

function gain({ before, after }: ChangedRequests): number {
  return LEVELS.indexOf(after.level) - LEVELS.indexOf(before.level);
}
