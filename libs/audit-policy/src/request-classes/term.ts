import type { GroupResources, Policy, PolicyRule } from '../model.ts';

/** What a request can differ in, in the order in which a diagram asks for it; groups of the user come last, one by one. */
export type Axis = 'apiGroup' | 'resource' | 'subresource' | 'verb' | 'namespace' | 'name' | 'path' | 'user';

export const RESOURCE_AXES: readonly Axis[] = ['apiGroup', 'resource', 'subresource', 'verb', 'namespace', 'name', 'user'];
export const PATH_AXES: readonly Axis[] = ['path', 'verb', 'user'];

/**
 * One way in which a rule matches: all of its conditions hold. A rule with several resources is several terms, and the
 * rule with the lowest index among the terms that hold decides.
 */
export interface Term {
  readonly policy: number;
  readonly rule: number;
  /** Values that are allowed, as the rule has them; an axis that is not here is of no concern. */
  readonly conditions: Readonly<Partial<Record<Axis, ReadonlySet<string>>>>;
  /** The user must be in one of them. */
  readonly groups: ReadonlySet<string> | undefined;
}

/** The terms of a policy that can match requests for resources. */
export function resourceTerms(policy: Policy, index: number): readonly Term[] {
  return policy.rules.flatMap((rule, ruleIndex) => {
    if ((rule.nonResourceURLs ?? []).length > 0 && !asksForResources(rule)) return [];
    const common = { ...who(rule), ...condition('verb', rule.verbs), ...condition('namespace', rule.namespaces) };
    const term = (conditions: Term['conditions']): Term => ({ policy: index, rule: ruleIndex, conditions, groups: groupsOf(rule) });
    const entries = rule.resources ?? [];
    if (entries.length === 0) return [term(common)];
    return entries.flatMap((entry) => productsOf(entry).map((product) => term({ ...common, ...product })));
  });
}

/** The terms of a policy that can match requests for other paths. */
export function pathTerms(policy: Policy, index: number): readonly Term[] {
  return policy.rules.flatMap((rule, ruleIndex) => {
    if (asksForResources(rule)) return [];
    const urls = rule.nonResourceURLs ?? [];
    const paths = urls.includes('*') ? {} : condition('path', urls);
    return [
      { policy: index, rule: ruleIndex, conditions: { ...who(rule), ...condition('verb', rule.verbs), ...paths }, groups: groupsOf(rule) },
    ];
  });
}

function asksForResources(rule: PolicyRule): boolean {
  return (rule.resources ?? []).length > 0 || (rule.namespaces ?? []).length > 0;
}

function who(rule: PolicyRule): Term['conditions'] {
  return condition('user', rule.users);
}

function groupsOf({ userGroups = [] }: PolicyRule): ReadonlySet<string> | undefined {
  return userGroups.length === 0 ? undefined : new Set(userGroups);
}

function condition(axis: Axis, values: readonly string[] = []): Term['conditions'] {
  return values.length === 0 ? {} : { [axis]: new Set(values) };
}

/** An entry is a union over its patterns (rule-match.ts); a pattern that no URL can meet gives nothing. */
function productsOf({ group = '', resources = [], resourceNames }: GroupResources): readonly Term['conditions'][] {
  const base = group === '*' ? {} : condition('apiGroup', [group]);
  if (resources.length === 0) return [base];
  return [...new Set(resources)].flatMap((pattern) =>
    patternProducts(pattern).map((product) => ({ ...base, ...product, ...condition('name', resourceNames) })),
  );
}

function patternProducts(pattern: string): readonly Term['conditions'][] {
  if (pattern === '*') return [{}];
  const [resource = '', subresource, ...more] = pattern.split('/');
  // A segment of a URL holds no slash, and none is empty where a resource has a subresource.
  if (more.length > 0 || subresource === '') return [];
  if (subresource === undefined) return [{ ...condition('resource', [resource]), ...condition('subresource', ['']) }];
  if (resource === '*')
    return subresource === '*'
      ? [condition('subresource', ['*']), condition('resource', ['*'])]
      : [condition('subresource', [subresource])];
  if (subresource === '*') return [condition('resource', [resource])];
  return [{ ...condition('resource', [resource]), ...condition('subresource', [subresource]) }];
}
