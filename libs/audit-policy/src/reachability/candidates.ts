import type { PolicyRule } from '../model.ts';

/** What a request is about, without who asks and how. */
export type RequestObject =
  | {
      readonly kind: 'resource';
      readonly apiGroup: string;
      readonly resource: string;
      readonly subresource: string;
      readonly name: string;
    }
  | { readonly kind: 'path'; readonly path: string };

export interface Requester {
  /** Null: nobody could be authenticated. */
  readonly username: string | null;
  readonly groups: readonly string[];
}

/**
 * A set of requests, as the values that have to be tried in each respect. Any combination of them is in the set, and
 * when some request of the set escapes a list of rules, then one of these combinations does.
 */
export interface Candidates {
  readonly requesters: readonly Requester[];
  readonly verbs: readonly string[];
  /** Of resources; a path has none. */
  readonly namespaces: readonly string[];
  readonly objects: readonly RequestObject[];
}

/**
 * The requests of a rule. Values that a rule does not ask for are represented by one that no rule names: it is matched
 * by a rule that does not ask either, and by nothing else. For the same reason a requester is in one group at most: more
 * groups only make more rules match.
 */
export function candidatesOf(rule: PolicyRule, unnamed: string): Candidates {
  const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [], nonResourceURLs = [] } = rule;
  const usernames = users.length > 0 ? users : [userGroups.length > 0 ? unnamed : null];
  return {
    requesters: usernames.flatMap((username) =>
      userGroups.length > 0 ? userGroups.map((group) => ({ username, groups: [group] })) : [{ username, groups: [] }],
    ),
    verbs: orUnnamed(verbs, unnamed),
    namespaces: orUnnamed(namespaces, unnamed),
    objects: [
      ...(nonResourceURLs.length > 0 && namespaces.length === 0 && resources.length === 0 ? [] : resourcesOf(rule, unnamed)),
      ...(namespaces.length > 0 || resources.length > 0 ? [] : pathsOf(nonResourceURLs, unnamed)),
    ],
  };
}

function orUnnamed(values: readonly string[], unnamed: string): readonly string[] {
  return values.length > 0 ? values : [unnamed];
}

function resourcesOf({ resources = [] }: PolicyRule, unnamed: string): RequestObject[] {
  if (resources.length === 0) return [anyResource(unnamed, unnamed)];
  return resources.flatMap(({ group = '', resources: patterns = [], resourceNames = [] }) => {
    const apiGroup = group === '*' ? unnamed : group;
    if (patterns.length === 0) return [anyResource(apiGroup, unnamed)];
    return patterns.flatMap((pattern) =>
      partsOf(pattern, unnamed).flatMap(([resource, subresource]) =>
        orUnnamed(resourceNames, unnamed).map((name) => ({ kind: 'resource' as const, apiGroup, resource, subresource, name })),
      ),
    );
  });
}

function anyResource(apiGroup: string, unnamed: string): RequestObject {
  return { kind: 'resource', apiGroup, resource: unnamed, subresource: unnamed, name: unnamed };
}

/** `pods/*` is pods and all below them, `*` everything, `* /log` without the space that subresource of anything. */
function partsOf(pattern: string, unnamed: string): readonly (readonly [resource: string, subresource: string])[] {
  if (pattern === '*') return [[unnamed, unnamed]];
  const slash = pattern.indexOf('/');
  const [resource, subresource] = slash < 0 ? [pattern, ''] : [pattern.slice(0, slash), pattern.slice(slash + 1)];
  // No part of a URL's path holds a slash, and what stands behind the last one is never empty.
  if (subresource.includes('/') || (slash >= 0 && subresource === '')) return [];
  if (subresource === '*') return resource === '*' ? [] : [[resource, unnamed]];
  return [[resource === '*' ? unnamed : resource, subresource]];
}

/** Of a prefix the path that goes on in a way that no other pattern does. Paths begin with a slash. */
function pathsOf(patterns: readonly string[], unnamed: string): RequestObject[] {
  if (patterns.length === 0) return [{ kind: 'path', path: `/${unnamed}` }];
  return patterns.map((pattern) => {
    if (pattern === '*') return { kind: 'path', path: `/${unnamed}` };
    return { kind: 'path', path: pattern.endsWith('*') ? `${pattern.replace(/\*+$/, '')}${unnamed}` : pattern };
  });
}

/** A name that stands nowhere in a policy. */
export function unnamedIn(rules: readonly PolicyRule[]): string {
  const text = JSON.stringify(rules);
  let name = 'any-other';
  while (text.includes(name)) name += '-other';
  return name;
}
