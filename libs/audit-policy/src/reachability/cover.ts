import { failedCondition } from '../evaluation/rule-match.ts';
import type { PolicyRule, RequestAttributes } from '../model.ts';
import type { Candidates, Requester, RequestObject } from './candidates.ts';

export type Cover =
  /** A request of the set that none of the rules matches. */
  | { readonly kind: 'escapes'; readonly request: RequestAttributes }
  /** Proved: each request of the set is matched by one of these rules (indices, ascending). */
  | { readonly kind: 'covered'; readonly by: readonly number[] }
  /** There is no request in the set. */
  | { readonly kind: 'empty' }
  /** Not decided within the budget. */
  | { readonly kind: 'unknown' };

/** How many times a rule may be held against a value before the search is given up. */
export interface Budget {
  left: number;
}

/**
 * Whether rules together match every request of a set, by exhausting the combinations that could escape: respect by
 * respect, only the rules that still match are carried on, and a set of them is looked into once. `among`: the rules
 * that count, by index; all of them without it.
 */
export function coverOf(
  candidates: Candidates,
  rules: readonly PolicyRule[],
  budget: Budget,
  among: readonly number[] = [...rules.keys()],
): Cover {
  const respects = respectsOf(candidates);
  if (respects.some(({ length }) => length === 0)) return { kind: 'empty' };
  const blamed = new Set<number>();
  const covered = respects.map(() => new Set<string>());
  const path: Value[] = [];

  function search(depth: number, matching: readonly number[]): 'escapes' | 'covered' | 'unknown' {
    if (matching.length === 0) return 'escapes';
    const values = respects[depth];
    if (values === undefined) {
      if (!matching.some((index) => blamed.has(index))) blamed.add(matching[0] ?? 0);
      return 'covered';
    }
    const key = matching.join();
    if (covered[depth]?.has(key)) return 'covered';
    for (const value of values) {
      budget.left -= matching.length;
      if (budget.left < 0) return 'unknown';
      path[depth] = value;
      const outcome = search(
        depth + 1,
        matching.filter((index) => value.matches(rules[index] as PolicyRule)),
      );
      if (outcome !== 'covered') return outcome;
    }
    covered[depth]?.add(key);
    return 'covered';
  }

  const outcome = search(0, among);
  if (outcome === 'unknown') return { kind: 'unknown' };
  if (outcome === 'covered') return { kind: 'covered', by: [...blamed].sort((a, b) => a - b) };
  return { kind: 'escapes', request: requestOf(candidates, path, respects) };
}

/** One value in one respect. */
interface Value {
  readonly part: Partial<RequestAttributes>;
  readonly matches: (rule: PolicyRule) => boolean;
}

/** The most telling respect first: what is asked for. */
function respectsOf({ requesters, verbs, namespaces, objects }: Candidates): readonly (readonly Value[])[] {
  const onResources = objects.some(({ kind }) => kind === 'resource');
  return [
    objects.map(objectValue),
    verbs.map((verb) => ({ part: { verb }, matches: ({ verbs: asked = [] }: PolicyRule) => asked.length === 0 || asked.includes(verb) })),
    requesters.map(requesterValue),
    // A path is in no namespace, and a rule that asks for one has been sorted out with the object.
    (onResources ? namespaces : ['']).map((namespace) => ({
      part: { namespace },
      matches: ({ namespaces: asked = [] }: PolicyRule) => asked.length === 0 || asked.includes(namespace),
    })),
  ];
}

function objectValue(object: RequestObject): Value {
  const part = partOf(object);
  const request = { ...EMPTY, ...part };
  return {
    part,
    // The object alone: who asks, how and where have their own turn.
    matches: ({ resources = [], namespaces = [], nonResourceURLs = [] }) => {
      if (namespaces.length > 0 && object.kind === 'path') return false;
      const urls = namespaces.length > 0 ? [] : nonResourceURLs;
      return failedCondition({ level: 'None', resources, nonResourceURLs: urls }, request) === undefined;
    },
  };
}

function requesterValue({ username, groups }: Requester): Value {
  return {
    part: { user: username === null ? null : { username, groups } },
    matches: ({ users = [], userGroups = [] }) =>
      (users.length === 0 || (username !== null && users.includes(username))) &&
      (userGroups.length === 0 || groups.some((group) => userGroups.includes(group))),
  };
}

function partOf(object: RequestObject): Partial<RequestAttributes> {
  if (object.kind === 'path') return { resourceRequest: false, path: object.path };
  const { apiGroup, resource, subresource, name } = object;
  return { resourceRequest: true, path: '', apiGroup, resource, subresource, name };
}

/** The values on the way to where nothing matched, and any for what was not looked at. */
function requestOf(candidates: Candidates, path: readonly Value[], respects: readonly (readonly Value[])[]): RequestAttributes {
  const parts = respects.map((values, depth) => (path[depth] ?? values[0])?.part);
  const request: RequestAttributes = Object.assign({}, EMPTY, ...parts);
  return request.resourceRequest || candidates.objects.length === 0 ? request : { ...request, namespace: '' };
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
