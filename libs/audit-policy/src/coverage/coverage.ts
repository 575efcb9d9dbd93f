import { LEVELS, type Level, type Stage } from '@k8s-audit/audit-events';
import { recordedOf } from '../difference/policy-difference.ts';
import { unionStages } from '../evaluation/evaluator.ts';
import type { GroupResources, Policy, PolicyRule } from '../model.ts';
import { classifyRequests } from '../request-classes/classify.ts';
import type { RequestClass } from '../request-classes/request-class.ts';
import type { Witness } from '../request-classes/witness.ts';

/** What somebody must find in the audit events. */
export interface AuditNeeds {
  /** At least. */
  readonly level: Exclude<Level, 'None'>;
  /** As a policy rule writes them, subresources included (`pods/exec`); `*` is every request, those for other paths too. */
  readonly resources: readonly GroupResources[] | '*';
  readonly verbs: readonly string[] | '*';
  /** All of them must be recorded. A request that never has one of them is no concern of a policy. */
  readonly stages: readonly Stage[];
  /** Whose requests; everybody who authenticated without it. */
  readonly users?: NeededUsers;
}

/** The anonymous user is somebody: `authenticated` has it, `unauthenticated` is a failed authentication. */
export type NeededUsers =
  | 'authenticated'
  | 'unauthenticated'
  | { readonly names: readonly string[] }
  | { readonly except: readonly string[] };

/** Requests of which too little is recorded. */
export interface Gap {
  readonly requests: RequestClass;
  readonly lacks: 'level' | 'stage';
  /** What is recorded instead. */
  readonly level: Level;
  readonly missingStages: readonly Stage[];
  /** The rule that decides; undefined: none matches. */
  readonly rule: number | undefined;
  readonly witness: Witness;
}

export type Coverage =
  /** Every request that is needed is recorded as it is needed. */
  | { readonly kind: 'full'; readonly rules: readonly number[] }
  /** Some are: `rules` records them, `gaps` are the others. `gapCount` may be more than are listed. */
  | { readonly kind: 'partial'; readonly rules: readonly number[]; readonly gaps: readonly Gap[]; readonly gapCount: number }
  /** None is. */
  | { readonly kind: 'blind'; readonly gaps: readonly Gap[]; readonly gapCount: number }
  | { readonly kind: 'too-large' };

/** Whether a policy records what is needed, and where it does not, by which rule. Exact as `classifyRequests` says. */
export function coverageOf(policy: Policy, needs: AuditNeeds, limit = 100): Coverage {
  const needed: Policy = { rules: neededRules(needs) };
  const classified = classifyRequests(
    [policy, needed],
    ([rule, needRule]) => {
      if (needRule === undefined || needed.rules[needRule]?.level === 'None') return undefined;
      return `${shortcomingOf(policy, rule, needs) === undefined ? 'seen' : 'gap'} ${rule ?? ''}`;
    },
    Number.POSITIVE_INFINITY,
  );
  if (classified.kind === 'too-large') return classified;
  const rules = [...classified.verdicts]
    .filter((verdict) => verdict.startsWith('seen '))
    .map(ruleOf)
    .filter((rule) => rule !== undefined)
    .sort((a, b) => a - b);
  const gaps = classified.classes.filter(({ verdict }) => verdict.startsWith('gap '));
  if (gaps.length === 0) return { kind: 'full', rules };
  const listed = gaps.slice(0, limit).flatMap(({ requests, verdict, witness }): Gap[] => {
    const rule = ruleOf(verdict);
    const shortcoming = shortcomingOf(policy, rule, needs);
    return shortcoming === undefined ? [] : [{ requests, ...shortcoming, rule, witness }];
  });
  return rules.length === 0
    ? { kind: 'blind', gaps: listed, gapCount: gaps.length }
    : { kind: 'partial', rules, gaps: listed, gapCount: gaps.length };
}

function ruleOf(verdict: string): number | undefined {
  const index = verdict.slice(verdict.indexOf(' ') + 1);
  return index === '' ? undefined : Number(index);
}

function shortcomingOf(
  policy: Policy,
  index: number | undefined,
  needs: AuditNeeds,
): Pick<Gap, 'lacks' | 'level' | 'missingStages'> | undefined {
  const rule = index === undefined ? undefined : policy.rules[index];
  const { level, omitStages } = recordedOf({
    level: rule?.level ?? 'None',
    omitStages: unionStages(policy.omitStages, rule?.omitStages),
    omitManagedFields: false,
  });
  if (LEVELS.indexOf(level) < LEVELS.indexOf(needs.level)) return { lacks: 'level', level, missingStages: [] };
  const missingStages = needs.stages.filter((stage) => omitStages.includes(stage));
  return missingStages.length === 0 ? undefined : { lacks: 'stage', level, missingStages };
}

/** The needs as a policy: what it does not record is not needed. */
function neededRules({ level, resources, verbs, users = 'authenticated' }: AuditNeeds): readonly PolicyRule[] {
  const somebody = { userGroups: ['system:authenticated', 'system:unauthenticated'] };
  const what: PolicyRule = {
    level,
    ...(resources === '*' ? {} : { resources }),
    ...(verbs === '*' ? {} : { verbs }),
  };
  if (resources !== '*' && resources.length === 0) return [{ level: 'None' }];
  if (users === 'unauthenticated') return [{ level: 'None', ...somebody }, what];
  if (users === 'authenticated') return [{ ...what, ...somebody }];
  if ('names' in users) return users.names.length === 0 ? [{ level: 'None' }] : [{ ...what, users: users.names }];
  return [...(users.except.length === 0 ? [] : [{ level: 'None' as const, users: users.except }]), { ...what, ...somebody }];
}
