import type { RequestAttributes } from '../model.ts';
import { mostSpecific, NOBODY, OTHER } from './atoms.ts';
import type { Diagram } from './diagram.ts';
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
}

/** The parts of a class as the diagram has them. */
export interface Box {
  readonly atoms: ReadonlyMap<Axis, readonly string[]>;
  readonly inGroups: readonly string[];
  readonly notInGroups: readonly string[];
  readonly verdict: string;
}

/** Every way through the diagram that ends at a verdict, at most `limit` of them. */
export function boxesOf(root: Diagram, limit: number): Box[] {
  const boxes: Box[] = [];
  const visit = (diagram: Diagram, box: Omit<Box, 'verdict'>): void => {
    if (boxes.length >= limit) return;
    if (diagram.kind === 'leaf') {
      if (diagram.verdict !== undefined) boxes.push({ ...box, verdict: diagram.verdict });
    } else if (diagram.kind === 'node')
      for (const { atoms, next } of diagram.edges) visit(next, { ...box, atoms: new Map([...box.atoms, [diagram.axis, atoms]]) });
    else {
      visit(diagram.inside, { ...box, inGroups: [...box.inGroups, diagram.group] });
      visit(diagram.outside, { ...box, notInGroups: [...box.notInGroups, diagram.group] });
    }
  };
  visit(root, { atoms: new Map(), inGroups: [], notInGroups: [] });
  return boxes;
}

/** How many there are, without going through them. */
export function countBoxes(root: Diagram): number {
  const known = new Map<Diagram, number>();
  const count = (diagram: Diagram): number => {
    const before = known.get(diagram);
    if (before !== undefined) return before;
    const sum =
      diagram.kind === 'leaf'
        ? Number(diagram.verdict !== undefined)
        : diagram.kind === 'group'
          ? count(diagram.inside) + count(diagram.outside)
          : diagram.edges.reduce((total, { next }) => total + count(next), 0);
    known.set(diagram, sum);
    return sum;
  };
  return count(root);
}

/** Verdicts that some request gets. */
export function verdictsIn(root: Diagram): ReadonlySet<string> {
  const seen = new Set<Diagram>();
  const verdicts = new Set<string>();
  const visit = (diagram: Diagram): void => {
    if (seen.has(diagram)) return;
    seen.add(diagram);
    if (diagram.kind === 'leaf') {
      if (diagram.verdict !== undefined) verdicts.add(diagram.verdict);
    } else if (diagram.kind === 'group') for (const next of [diagram.inside, diagram.outside]) visit(next);
    else for (const { next } of diagram.edges) visit(next);
  };
  visit(root);
  return verdicts;
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

function isWho({ users, unauthenticated, inGroups, notInGroups }: Who, user: RequestAttributes['user']): boolean {
  if (user === null) return unauthenticated;
  return (
    isChosen(users, user.username) &&
    inGroups.every((group) => user.groups.includes(group)) &&
    !notInGroups.some((group) => user.groups.includes(group))
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
