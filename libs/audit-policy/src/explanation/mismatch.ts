import { type FailedCondition, groupResourcesMatch } from '../evaluation/rule-match.ts';
import type { GroupResources, PolicyRule, RequestAttributes } from '../model.ts';

/** Why a rule does not match a request, as a sentence about the first condition that fails. */
export function describeMismatch(condition: FailedCondition, rule: PolicyRule, request: RequestAttributes): string {
  switch (condition) {
    case 'users':
      return `${request.user === null ? 'nobody is authenticated, the rule is for' : `user ${request.user.username} is not`} ${oneOf(rule.users)}`;
    case 'userGroups':
      return `${request.user === null ? 'nobody is authenticated, the rule is for members of' : `the user is in none of the groups`} ${list(rule.userGroups)}`;
    case 'verbs':
      return `verb ${request.verb === '' ? '(none)' : request.verb} is not ${oneOf(rule.verbs)}`;
    case 'resource-request':
      return `${request.path} is no resource, the rule is for resources`;
    case 'namespaces':
      return `${request.namespace === '' ? 'the request is in no namespace or in all, the rule is for' : `namespace ${request.namespace} is not`} ${oneOf(rule.namespaces)}`;
    case 'resources':
      return describeResources(rule.resources ?? [], request);
    case 'path-request':
      return `${resourceOf(request)} is a resource, the rule is for paths that are none`;
    case 'nonResourceURLs':
      return `path ${request.path} is not ${oneOf(rule.nonResourceURLs)}`;
  }
}

/** `pods/exec`, `deployments.apps/scale`: as kubectl writes it. */
export function resourceOf({ resource, subresource, apiGroup }: RequestAttributes): string {
  return `${resource}${apiGroup === '' ? '' : `.${apiGroup}`}${subresource === '' ? '' : `/${subresource}`}`;
}

function describeResources(entries: readonly GroupResources[], request: RequestAttributes): string {
  // A rule that would match but for the name is the one that puzzles: a create and a list have none in their URL.
  const named = entries.find(({ resourceNames: _, ...entry }) => groupResourcesMatch(entry, request));
  if (named !== undefined)
    return `${request.name === '' ? `the URL of a ${request.verb} has no name, the rule is for` : `name ${request.name} is not`} ${oneOf(named.resourceNames)}`;
  return `${resourceOf(request)} is not ${oneOf(entries.flatMap(patternsOf))}`;
}

function patternsOf({ group = '', resources = [] }: GroupResources): string[] {
  const suffix = group === '' ? '' : ` of ${group === '*' ? 'any group' : group}`;
  return resources.length === 0
    ? [group === '' ? 'anything of the core group' : `anything${suffix}`]
    : resources.map((resource) => resource + suffix);
}

function oneOf(names: readonly string[] = []): string {
  return names.length === 1 ? list(names) : `one of ${list(names)}`;
}

function list(names: readonly string[] = []): string {
  const shown = names
    .slice(0, MAX_NAMES)
    .map((name) => (name === '' ? '""' : name))
    .join(', ');
  return names.length > MAX_NAMES ? `${shown} and ${names.length - MAX_NAMES} more` : shown;
}

const MAX_NAMES = 8;
