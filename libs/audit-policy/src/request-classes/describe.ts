import type { JudgedRequests } from './classify.ts';
import type { Choice, PathChoice, RequestClass, Who } from './request-class.ts';

/** Requests in words, for one line each. */
export interface RequestText {
  /** `get, list of pods, pods/log in any namespace`. */
  readonly what: string;
  /** `anybody authenticated in system:nodes`. */
  readonly who: string;
}

/** Says which requests these are; lists of more than `maxNames` are cut, and say so. */
export function describeRequests(
  { requests, parts, partCount }: Pick<JudgedRequests, 'requests' | 'parts' | 'partCount'>,
  maxNames = 12,
): RequestText {
  const list = (names: readonly string[]): string => {
    const shown = names.slice(0, maxNames).join(', ');
    return names.length > maxNames ? `${shown} and ${names.length - maxNames} more` : shown;
  };
  const verbs = describeChoice(requests.verbs, 'any verb', (verb) => (verb === '' ? '(no verb)' : verb), list);
  const who = describeWho(requests.who, list);
  if (requests.kind === 'path') return { what: `${verbs} of ${describePaths(requests.paths, list)}`, who };
  const namespaces = describeChoice(requests.namespaces, '', (name) => (name === '' ? 'no namespace' : name), list);
  const names = describeChoice(requests.names, '', (name) => (name === '' ? '(no name)' : name), list);
  return {
    what: [
      `${verbs} of ${namesOf(parts, partCount, list) ?? describeResources(requests, list)}`,
      ...(namespaces === '' ? [] : [`in ${namespaces.replace(/^any/, 'any namespace')}`]),
      ...(names === '' ? [] : [`named ${names.replace(/^any/, 'anything')}`]),
    ].join(' '),
    who,
  };
}

type List = (names: readonly string[]) => string;

function describeChoice(choice: Choice, any: string, name: (value: string) => string, list: List): string {
  if ('any' in choice) return any;
  if ('is' in choice) return list(choice.is.map(name));
  return `${any} but ${list(choice.isNot.map(name))}`;
}

type ResourceClass = Extract<RequestClass, { kind: 'resource' }>;

/** Where all parts are known and name their resources: just those, and no combination of one's group with another's resource. */
function namesOf(parts: readonly RequestClass[], partCount: number, list: List): string | undefined {
  if (parts.length < partCount) return undefined;
  const names = new Set<string>();
  for (const part of parts) {
    const own = part.kind === 'resource' ? resourceNames(part) : undefined;
    if (own === undefined) return undefined;
    for (const name of own) names.add(name);
  }
  return list([...names]);
}

/** As kubectl writes them; undefined where something stands for all others. */
function resourceNames({ apiGroups, resources, subresources }: ResourceClass): readonly string[] | undefined {
  if (!('is' in apiGroups && 'is' in resources && 'is' in subresources)) return undefined;
  return apiGroups.is.flatMap((group) =>
    resources.is.flatMap((resource) =>
      subresources.is.map((subresource) => `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`),
    ),
  );
}

/** By name where all of it is named; else part by part. */
function describeResources(requests: ResourceClass, list: List): string {
  const { apiGroups, resources, subresources } = requests;
  const names = resourceNames(requests);
  if (names !== undefined) return list(names);
  const isAny = 'any' in apiGroups && 'any' in resources && 'any' in subresources;
  if (isAny) return 'any resource';
  return [
    describeChoice(resources, 'any resource', (name) => name, list),
    ...('any' in subresources ? ['and its subresources'] : [`(${describeSubresources(subresources, list)})`]),
    ...('any' in apiGroups
      ? ['of any group']
      : [`of ${describeChoice(apiGroups, 'any group', (group) => (group === '' ? 'the core group' : group), list)}`]),
  ].join(' ');
}

function describeSubresources(choice: Choice, list: List): string {
  if ('is' in choice && choice.is.length === 1 && choice.is[0] === '') return 'itself';
  return `subresource ${describeChoice(choice, 'any', (name) => (name === '' ? 'none' : name), list)}`;
}

function describePaths({ is, isNot }: PathChoice, list: List): string {
  const paths = list(is.map((path) => (path === '*' ? 'any path that is no resource' : path)));
  return isNot.length === 0 ? paths : `${paths} but ${list(isNot)}`;
}

function describeWho({ users, unauthenticated, inGroups, notInGroups, inSomeOf = [] }: Who, list: List): string {
  const nobody = 'a failed authentication';
  if ('is' in users && users.is.length === 0) return nobody;
  const isMember = inGroups.length > 0 || inSomeOf.length > 0;
  // That the anonymous user is in no other group is no news.
  const who = describeChoice('isNot' in users && isMember ? withoutAnonymous(users) : users, 'anybody', (user) => user, list);
  const groups = [
    ...(inGroups.length > 0 ? [`in ${inGroups.join(' and ')}`] : []),
    ...(inSomeOf.length > 0 && !('is' in users) ? [`in ${inSomeOf.join(' or ')}`] : []),
    ...(notInGroups.length > 0 ? [`not in ${notInGroups.join(' or ')}`] : []),
  ];
  const known = [who, ...groups].join(', ');
  if (unauthenticated) return 'any' in users && groups.length === 0 ? 'anybody, and a failed authentication' : `${known}; and ${nobody}`;
  return known;
}

function withoutAnonymous({ isNot }: { readonly isNot: readonly string[] }): Choice {
  const others = isNot.filter((user) => user !== 'system:anonymous');
  return others.length === 0 ? { any: true } : { isNot: others };
}
