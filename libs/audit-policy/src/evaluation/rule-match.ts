import type { GroupResources, PolicyRule, RequestAttributes } from '../model.ts';

/** The first condition of a rule that a request does not meet, in the order in which kube-apiserver looks at them. */
export type FailedCondition =
  | 'users'
  | 'userGroups'
  | 'verbs'
  | 'resource-request'
  | 'namespaces'
  | 'resources'
  | 'path-request'
  | 'nonResourceURLs';

/** Undefined: the rule matches (apiserver v0.36.3 pkg/audit/policy/checker.go ruleMatches). */
export function failedCondition(rule: PolicyRule, request: RequestAttributes): FailedCondition | undefined {
  const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [], nonResourceURLs = [] } = rule;
  if (users.length > 0 && !(request.user !== null && users.includes(request.user.username))) return 'users';
  if (userGroups.length > 0 && !request.user?.groups.some((group) => userGroups.includes(group))) return 'userGroups';
  if (verbs.length > 0 && !verbs.includes(request.verb)) return 'verbs';
  if (namespaces.length > 0 || resources.length > 0) {
    if (!request.resourceRequest) return 'resource-request';
    if (namespaces.length > 0 && !namespaces.includes(request.namespace)) return 'namespaces';
    return resources.length === 0 || resources.some((entry) => groupResourcesMatch(entry, request)) ? undefined : 'resources';
  }
  if (nonResourceURLs.length === 0) return undefined;
  if (request.resourceRequest) return 'path-request';
  return nonResourceURLs.some((url) => pathMatches(url, request.path)) ? undefined : 'nonResourceURLs';
}

export function groupResourcesMatch(entry: GroupResources, request: RequestAttributes): boolean {
  const { group = '', resources = [], resourceNames = [] } = entry;
  if (group !== request.apiGroup && group !== '*') return false;
  if (resources.length === 0) return true;
  if (resourceNames.length > 0 && !resourceNames.includes(request.name)) return false;
  return resources.some((resource) => resourceMatches(resource, request));
}

/** `*`, `pods`, `pods/log`, `* /log` without the space, and `pods/*`, which is pods as well as all below them. */
export function resourceMatches(pattern: string, request: RequestAttributes): boolean {
  const { resource, subresource } = request;
  if (pattern === '*' || pattern === (subresource === '' ? resource : `${resource}/${subresource}`)) return true;
  if (subresource !== '' && pattern.startsWith('*/') && pattern.slice(2) === subresource) return true;
  return pattern.endsWith('/*') && pattern.slice(0, -2) === resource;
}

/** A trailing `*` is any rest, slash or not. */
export function pathMatches(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')));
}
