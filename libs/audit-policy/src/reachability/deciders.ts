import { groupResourcesMatch, pathMatches } from '../evaluation/rule-match.ts';
import type { Decision, PolicyRule, RequestAttributes } from '../model.ts';
import { withImpliedGroups } from '../request-info/groups.ts';
import type { Candidates, Requester, RequestObject } from './candidates.ts';
import type { PolicySearch } from './policy-search.ts';

/** Requests of one kind, for the question what a policy does with them. */
export interface RequestClass {
  readonly verbs: readonly string[];
  /** A name of `undefined` is any; the URLs of a create have the name `''`. */
  readonly objects: readonly ClassObject[];
  /** Absent: anybody who is authenticated. */
  readonly requester?: Requester;
}

export type ClassObject =
  | {
      readonly kind: 'resource';
      readonly apiGroup: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespaced: boolean;
      readonly name?: string;
    }
  | { readonly kind: 'path'; readonly path: string };

/** A rule that decides some requests of a class. */
export interface Decider {
  /** One of them. A value `any-other` stands for all that no rule names. */
  readonly request: RequestAttributes;
  /** Its `matchedRule` is undefined where no rule decides. */
  readonly decision: Decision;
}

/**
 * Every rule that decides at least one request of a class, with an example, in the order of the rules; at the end the
 * requests that no rule matches. Requesters are real ones: in the groups that the API server puts them in by itself.
 */
export function decidersOf({ policy, unnamed, evaluator, coverBefore }: PolicySearch, requests: RequestClass): readonly Decider[] {
  const everybody: PolicyRule = { level: 'None' };
  return [...policy.rules, everybody].flatMap((rule, index) => {
    const candidates = candidatesWithin(rule, requests, unnamed);
    const cover = isEmpty(candidates) ? undefined : coverBefore(candidates, index);
    return cover?.kind === 'escapes' ? [{ request: cover.request, decision: evaluator(cover.request) }] : [];
  });
}

function isEmpty({ requesters, verbs, namespaces, objects }: Candidates): boolean {
  return requesters.length === 0 || verbs.length === 0 || namespaces.length === 0 || objects.length === 0;
}

/** The requests of a class that a rule matches. */
function candidatesWithin(rule: PolicyRule, requests: RequestClass, unnamed: string): Candidates {
  const { verbs = [], namespaces = [] } = rule;
  const objects = requests.objects.flatMap((object) => objectsWithin(rule, object, unnamed));
  const inNamespace = requests.objects.some((object) => object.kind === 'resource' && object.namespaced);
  const possible = inNamespace ? [...namespaces, ...(namespaces.length === 0 ? [unnamed] : [])] : [''];
  return {
    requesters: requestersWithin(rule, requests.requester, unnamed),
    verbs: verbs.length === 0 ? requests.verbs : requests.verbs.filter((verb) => verbs.includes(verb)),
    namespaces: namespaces.length === 0 ? possible : possible.filter((namespace) => namespaces.includes(namespace)),
    objects,
  };
}

function requestersWithin({ users = [], userGroups = [] }: PolicyRule, given: Requester | undefined, unnamed: string): Requester[] {
  if (given !== undefined) {
    const isUser = users.length === 0 || (given.username !== null && users.includes(given.username));
    return isUser && (userGroups.length === 0 || given.groups.some((group) => userGroups.includes(group))) ? [given] : [];
  }
  return (users.length === 0 ? [unnamed] : users).flatMap((username) => {
    const groups = withImpliedGroups(username, []);
    const isMember = userGroups.length === 0 || groups.some((group) => userGroups.includes(group));
    if (isMember) return [{ username, groups }];
    return userGroups.filter(isOpen).map((group) => ({ username, groups: [...groups, group] }));
  });
}

/** Groups that only the API server itself gives, to those who are not authenticated. */
function isOpen(group: string): boolean {
  return group !== 'system:unauthenticated';
}

function objectsWithin(rule: PolicyRule, object: ClassObject, unnamed: string): RequestObject[] {
  const { resources = [], namespaces = [], nonResourceURLs = [] } = rule;
  if (object.kind === 'path') {
    if (resources.length > 0 || namespaces.length > 0) return [];
    return nonResourceURLs.length === 0 || nonResourceURLs.some((url) => pathMatches(url, object.path)) ? [object] : [];
  }
  const { apiGroup, resource, subresource } = object;
  const named = (name: string): RequestObject => ({ kind: 'resource', apiGroup, resource, subresource, name });
  if (resources.length === 0) return namespaces.length === 0 && nonResourceURLs.length > 0 ? [] : [named(object.name ?? unnamed)];
  return resources.flatMap((entry) => {
    const names =
      object.name !== undefined ? [object.name] : (entry.resourceNames ?? []).length > 0 ? (entry.resourceNames ?? []) : [unnamed];
    return names.map(named).filter((found) => groupResourcesMatch(entry, { ...EMPTY, ...found }));
  });
}

const EMPTY: RequestAttributes = {
  user: null,
  verb: '',
  resourceRequest: true,
  path: '',
  namespace: '',
  apiGroup: '',
  apiVersion: '',
  resource: '',
  subresource: '',
  name: '',
};
