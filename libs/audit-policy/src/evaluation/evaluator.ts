import { STAGES, type Stage } from '@k8s-audit/audit-events';
import type { Decision, Policy, PolicyRule, RequestAttributes } from '../model.ts';
import { failedCondition } from './rule-match.ts';

/** Decides requests by one policy. */
export type Evaluator = (request: RequestAttributes) => Decision;

/**
 * Prepares a policy for deciding many requests (apiserver v0.36.3 pkg/audit/policy/checker.go): the first rule that
 * matches decides, and without one nothing is recorded.
 *
 * Of thousands of rules only those are tried that could match the request's user, verb and resource.
 */
export function createEvaluator(policy: Policy): Evaluator {
  const decisions = policy.rules.map((rule, index) => decisionOf(policy, rule, index));
  const noMatch: Decision = {
    level: 'None',
    // Without a rule kube-apiserver hands on the policy's list as it is written.
    omitStages: policy.omitStages ?? [],
    omitManagedFields: policy.omitManagedFields ?? false,
    matchedRule: undefined,
  };
  const candidates = createCandidates(policy.rules);
  return (request) => {
    for (const index of candidates(request)) {
      const rule = policy.rules[index];
      const decision = decisions[index];
      if (rule !== undefined && decision !== undefined && failedCondition(rule, request) === undefined) return decision;
    }
    return noMatch;
  };
}

/** Decides one request. */
export function evaluate(policy: Policy, request: RequestAttributes): Decision {
  return createEvaluator(policy)(request);
}

/** Stages in the order of STAGES. */
export function unionStages(...lists: readonly (readonly Stage[] | undefined)[]): readonly Stage[] {
  return STAGES.filter((stage) => lists.some((list) => list?.includes(stage)));
}

function decisionOf(policy: Policy, rule: PolicyRule, matchedRule: number): Decision {
  return {
    level: rule.level,
    omitStages: unionStages(policy.omitStages, rule.omitStages),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
    matchedRule,
  };
}

/** So many combinations of user, verb and resource are remembered; what clients choose must not fill memory. */
const MAX_REMEMBERED = 4096;

/** Below this many rules it is quicker to try them all. */
const FEW_RULES = 32;

function createCandidates(rules: readonly PolicyRule[]): (request: RequestAttributes) => Iterable<number> {
  if (rules.length <= FEW_RULES) return () => rules.keys();
  const named = namesIn(rules);
  const remembered = new Map<string, readonly number[]>();
  return (request) => {
    const user = request.user !== null && named.users.has(request.user.username) ? request.user.username : undefined;
    const verb = named.verbs.has(request.verb) ? request.verb : undefined;
    const base = baseOf(request.resource);
    const resource = named.resources.has(base) ? base : undefined;
    const key = JSON.stringify([user, verb, request.resourceRequest, resource]);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const possible = [...rules.keys()].filter((index) =>
      couldMatch(rules[index], { user, verb, resource, onResource: request.resourceRequest }),
    );
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, possible);
    return possible;
  };
}

/** Undefined: some name that no rule has. */
interface RequestClass {
  readonly user: string | undefined;
  readonly verb: string | undefined;
  readonly resource: string | undefined;
  readonly onResource: boolean;
}

/** Never false for a rule that matches a request of the class. */
function couldMatch(rule: PolicyRule | undefined, request: RequestClass): boolean {
  if (rule === undefined) return false;
  const { users = [], verbs = [], namespaces = [], resources = [], nonResourceURLs = [] } = rule;
  if (users.length > 0 && (request.user === undefined || !users.includes(request.user))) return false;
  if (verbs.length > 0 && (request.verb === undefined || !verbs.includes(request.verb))) return false;
  if (namespaces.length > 0 || resources.length > 0) {
    if (!request.onResource) return false;
    return resources.length === 0 || resources.some((entry) => couldName(entry.resources ?? [], request.resource));
  }
  return nonResourceURLs.length === 0 || !request.onResource;
}

function couldName(patterns: readonly string[], resource: string | undefined): boolean {
  return patterns.length === 0 || patterns.some((pattern) => pattern.startsWith('*') || baseOf(pattern) === resource);
}

function namesIn(rules: readonly PolicyRule[]): { readonly [Kind in 'users' | 'verbs' | 'resources']: ReadonlySet<string> } {
  const patterns = rules.flatMap((rule) => (rule.resources ?? []).flatMap((entry) => entry.resources ?? []));
  return {
    users: new Set(rules.flatMap((rule) => rule.users ?? [])),
    verbs: new Set(rules.flatMap((rule) => rule.verbs ?? [])),
    resources: new Set(patterns.map(baseOf)),
  };
}

/** `pods` of `pods/log`. */
function baseOf(pattern: string): string {
  return pattern.split('/', 1)[0] ?? '';
}
