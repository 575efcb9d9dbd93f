import type { RequestAttributes } from '../model.ts';
import { mostSpecific, NOBODY, OTHER } from './atoms.ts';
import type { Box } from './region.ts';
import type { Axis } from './term.ts';

/** Requests that are alike: every combination of what its parts allow. */
export type RequestClass =
  | {
      readonly kind: 'resource';
      /** `""` is the core group. */
      readonly apiGroups: Choice;
      readonly resources: Choice;
      /** `""` is the resource itself. */
      readonly subresources: Choice;
      readonly verbs: Choice;
      /** `""` is no namespace: cluster-scoped requests, and those over all namespaces. */
      readonly namespaces: Choice;
      /** `""` is no name. */
      readonly names: Choice;
      readonly who: Who;
    }
  | { readonly kind: 'path'; readonly paths: PathChoice; readonly verbs: Choice; readonly who: Who };

/** Any value, one of some, or any but some. */
export type Choice = { readonly any: true } | { readonly is: readonly string[] } | { readonly isNot: readonly string[] };

/** A trailing `*` is any rest. Of all that fit a path the longest decides; `*` alone is every path. */
export interface PathChoice {
  readonly is: readonly string[];
  readonly isNot: readonly string[];
}

export interface Who {
  /** Who authenticated. Of nobody when `unauthenticated` is all there is. */
  readonly users: Choice;
  /** Also, or only, requests that nobody could authenticate. */
  readonly unauthenticated: boolean;
  /** In all of these, and in none of those. */
  readonly inGroups: readonly string[];
  readonly notInGroups: readonly string[];
  /** In at least one of these. */
  readonly inSomeOf?: readonly string[];
}

export function classOf(kind: 'resource' | 'path', box: Box, all: ReadonlyMap<Axis, readonly string[]>): RequestClass {
  const choice = (axis: Axis): Choice => choiceOf(box.atoms.get(axis), all.get(axis) ?? []);
  const users = box.atoms.get('user') ?? all.get('user') ?? [];
  const who: Who = {
    users: choiceOf(
      users.filter((user) => user !== NOBODY),
      (all.get('user') ?? []).filter((user) => user !== NOBODY),
    ),
    unauthenticated: users.includes(NOBODY),
    inGroups: box.inGroups,
    notInGroups: box.notInGroups,
    ...(box.inSomeOf !== undefined && { inSomeOf: box.inSomeOf }),
  };
  if (kind === 'path') return { kind, paths: pathChoiceOf(box.atoms.get('path'), all.get('path') ?? []), verbs: choice('verb'), who };
  return {
    kind,
    apiGroups: choice('apiGroup'),
    resources: choice('resource'),
    subresources: choice('subresource'),
    verbs: choice('verb'),
    namespaces: choice('namespace'),
    names: choice('name'),
    who,
  };
}

/** Whether a request is one of a class. */
export function isInClass(requests: RequestClass, request: RequestAttributes): boolean {
  if (request.resourceRequest !== (requests.kind === 'resource') || !isWho(requests.who, request.user)) return false;
  if (!isChosen(requests.verbs, request.verb)) return false;
  if (requests.kind === 'path') {
    const { is, isNot } = requests.paths;
    const best = mostSpecific(request.path, [...is, ...isNot]);
    return best !== undefined && is.includes(best);
  }
  return (
    isChosen(requests.apiGroups, request.apiGroup) &&
    isChosen(requests.resources, request.resource) &&
    isChosen(requests.subresources, request.subresource) &&
    isChosen(requests.namespaces, request.namespace) &&
    isChosen(requests.names, request.name)
  );
}

function isWho({ users, unauthenticated, inGroups, notInGroups, inSomeOf }: Who, user: RequestAttributes['user']): boolean {
  if (user === null) return unauthenticated;
  return (
    isChosen(users, user.username) &&
    inGroups.every((group) => user.groups.includes(group)) &&
    !notInGroups.some((group) => user.groups.includes(group)) &&
    (inSomeOf?.some((group) => user.groups.includes(group)) ?? true)
  );
}

function isChosen(choice: Choice, value: string): boolean {
  if ('any' in choice) return true;
  return 'is' in choice ? choice.is.includes(value) : !choice.isNot.includes(value);
}

function choiceOf(atoms: readonly string[] | undefined, all: readonly string[]): Choice {
  if (atoms === undefined || atoms.length === all.length) return { any: true };
  if (!atoms.includes(OTHER)) return { is: atoms };
  const chosen = new Set(atoms);
  return { isNot: all.filter((atom) => !chosen.has(atom)) };
}

/** Only what differs from what stands above it has to be said. */
function pathChoiceOf(atoms: readonly string[] | undefined, all: readonly string[]): PathChoice {
  const chosen = new Set(atoms ?? all);
  const patterns = all.filter((atom) => atom !== OTHER);
  const differs = (pattern: string): boolean => {
    const text = pattern.replace(/\*+$/, '');
    const above = mostSpecific(
      text,
      patterns.filter((other) => other !== pattern && other.endsWith('*')),
    );
    return chosen.has(pattern) !== chosen.has(above ?? OTHER);
  };
  return {
    is: [...(chosen.has(OTHER) ? ['*'] : []), ...patterns.filter((pattern) => chosen.has(pattern) && differs(pattern))],
    isNot: patterns.filter((pattern) => !chosen.has(pattern) && differs(pattern)),
  };
}
