import { LEVELS, type Level, type Stage } from '@k8s-audit/audit-events';
import { type Recorded, recordedByRule } from '../difference/policy-difference.ts';
import type { GroupResources, Policy, PolicyRule } from '../model.ts';
import { classifyRequests, type JudgedRequests } from '../request-classes/classify.ts';

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

/** Requests of which too little is recorded, decided by one rule. */
export interface Gap extends Omit<JudgedRequests, 'verdict'> {
  readonly lacks: 'level' | 'stage';
  /** What is recorded instead. */
  readonly level: Level;
  readonly missingStages: readonly Stage[];
  /** The rule that decides; undefined: none matches. */
  readonly rule: number | undefined;
}

export type Coverage =
  /** Every request that is needed is recorded as it is needed, by these rules. */
  | { readonly kind: 'full'; readonly rules: readonly number[] }
  /** Some are: `rules` records them, `gaps` are the others. */
  | { readonly kind: 'partial'; readonly rules: readonly number[]; readonly gaps: readonly Gap[] }
  /** None is. */
  | { readonly kind: 'blind'; readonly gaps: readonly Gap[] }
  | { readonly kind: 'too-large' };

/**
 * Whether a policy records what is needed, and where it does not, by which rule. Exact as `classifyRequests` says; of
 * each gap at most `maxParts` parts are listed.
 */
export function coverageOf(policy: Policy, needs: AuditNeeds, maxParts = 20): Coverage {
  const needed: Policy = { rules: neededRules(needs) };
  const recorded = recordedByRule(policy);
  const classified = classifyRequests(
    [policy, needed],
    ([rule, need]) => {
      if (need === undefined || needed.rules[need]?.level === 'None') return undefined;
      return `${shortcomingOf(recorded(rule), needs) === undefined ? 'seen' : 'gap'} ${rule ?? ''}`;
    },
    maxParts,
  );
  if (classified.kind === 'too-large') return classified;
  const rules = new Set<number>();
  const gaps = classified.judged.flatMap(({ verdict, ...judged }): Gap[] => {
    const index = verdict.slice(verdict.indexOf(' ') + 1);
    const rule = index === '' ? undefined : Number(index);
    const shortcoming = shortcomingOf(recorded(rule), needs);
    if (shortcoming !== undefined) return [{ ...judged, ...shortcoming, rule }];
    if (rule !== undefined) rules.add(rule);
    return [];
  });
  const sorted = [...rules].sort((a, b) => a - b);
  if (gaps.length === 0) return { kind: 'full', rules: sorted };
  return sorted.length === 0 ? { kind: 'blind', gaps } : { kind: 'partial', rules: sorted, gaps };
}

function shortcomingOf({ level, omitStages }: Recorded, needs: AuditNeeds): Pick<Gap, 'lacks' | 'level' | 'missingStages'> | undefined {
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
