import type { RequestAttributes } from '../model.ts';
import { withImpliedGroups } from '../request-info/groups.ts';
import { attributesOf, readRequestInfo } from '../request-info/request-info.ts';
import { ANONYMOUS, NOBODY, OTHER, pathOf, RESOURCE_VERBS } from './atoms.ts';
import type { Box } from './region.ts';
import type { Axis } from './term.ts';

/** One request of a class, as a person would meet it. */
export interface Witness {
  readonly request: RequestAttributes;
  /** `GET /api/v1/pods`, as `policy explain --request` takes it; undefined when no URL says exactly this. */
  readonly url: string | undefined;
}

/** A request that a box holds. */
export function witnessOf(kind: 'resource' | 'path', box: Box, all: ReadonlyMap<Axis, readonly string[]>): Witness {
  const pick = (axis: Axis, others: readonly string[]): string =>
    pickAtom(box.atoms.get(axis) ?? all.get(axis) ?? [], all.get(axis) ?? [], others);
  const user = pickUser(box, all.get('user') ?? []);
  if (kind === 'path') {
    const pattern = (box.atoms.get('path') ?? all.get('path') ?? [])[0] ?? OTHER;
    const path = pattern === OTHER ? '/any-other-path' : (pathOf(pattern, new Set(all.get('path'))) ?? pattern);
    const verb = pick('verb', ['get', 'post', 'head', 'put', 'patch', 'delete', 'options']);
    return withUrl({ ...NOTHING, user, verb, path });
  }
  const apiGroup = pick('apiGroup', ['', 'apps', 'batch', 'example.com']);
  const resource = pick('resource', [...(RESOURCES[apiGroup] ?? []), 'widgets']);
  const subresource = pick('subresource', ['', 'status', 'scale']);
  const verbs = box.atoms.get('verb') ?? RESOURCE_VERBS;
  const names = box.atoms.get('name');
  // A verb that fits the name: a list has none, a get has one.
  const verb = verbs.find((one) => names === undefined || names.some((name) => fits(one, name))) ?? verbs[0] ?? 'get';
  const needsName = subresource !== '' || !['list', 'watch', 'create', 'deletecollection'].includes(verb);
  const name = pickAtom(
    (names ?? all.get('name') ?? []).filter(
      (one) => fits(verb, one) && (names !== undefined || (one === '') !== needsName || verb === 'deletecollection'),
    ),
    all.get('name') ?? [],
    ['x', 'any-other-name'],
  );
  const namespace = pick('namespace', ['default', 'other']);
  return withUrl({ ...NOTHING, user, verb, resourceRequest: true, namespace, apiGroup, apiVersion: 'v1', resource, subresource, name });
}

function fits(verb: string, name: string): boolean {
  if (verb === 'deletecollection') return name === '';
  return name !== '' || (verb !== 'get' && verb !== 'delete');
}

/** A value that is named, before one that stands for all others. */
function pickAtom(atoms: readonly string[], all: readonly string[], others: readonly string[]): string {
  if (atoms.includes(OTHER)) return fresh(others, all);
  return atoms[0] ?? '';
}

function fresh(candidates: readonly string[], taken: readonly string[]): string {
  const free = candidates.find((candidate) => !taken.includes(candidate));
  if (free !== undefined) return free;
  let name = candidates.at(-1) ?? 'other';
  while (taken.includes(name)) name += '-x';
  return name;
}

/** Somebody whom the groups suit: a service account, a kubelet, or anybody. */
function pickUser({ atoms, inGroups, notInGroups }: Box, all: readonly string[]): RequestAttributes['user'] {
  const users = atoms.get('user') ?? all;
  const withGroups = (username: string): { readonly username: string; readonly groups: readonly string[] } => ({
    username,
    groups: withImpliedGroups(username, inGroups),
  });
  if (users.includes(OTHER)) {
    const namespaces = inGroups.flatMap((group) => /^system:serviceaccounts:(.+)$/.exec(group)?.[1] ?? []);
    const candidates = [
      ...namespaces.map((namespace) => `system:serviceaccount:${namespace}:any-other`),
      ...(inGroups.includes('system:serviceaccounts') ? ['system:serviceaccount:any-other:any-other'] : []),
      ...(inGroups.includes('system:nodes') ? ['system:node:any-other'] : []),
    ];
    const suits = (username: string): boolean =>
      !all.includes(username) && !withGroups(username).groups.some((group) => notInGroups.includes(group));
    return withGroups(candidates.find(suits) ?? fresh(['any-other-user'], all));
  }
  const named = users.find((user) => user !== NOBODY && user !== ANONYMOUS) ?? users.find((user) => user !== NOBODY);
  return named === undefined ? null : withGroups(named);
}

function withUrl(request: RequestAttributes): Witness {
  const [method, path] = request.resourceRequest ? resourceUrl(request) : [request.verb.toUpperCase(), encodeURI(request.path)];
  const reading = readRequestInfo(method, path);
  if (reading.kind === 'broken') return { request, url: undefined };
  const read = attributesOf(reading.info, request.user);
  const whole = request.resourceRequest ? { ...request, path: read.path } : request;
  return { request: whole, url: JSON.stringify(read) === JSON.stringify(whole) ? `${method} ${path}` : undefined };
}

function resourceUrl({ verb, apiGroup, apiVersion, namespace, resource, subresource, name }: RequestAttributes): [string, string] {
  const root = apiGroup === '' ? `/api/${apiVersion}` : `/apis/${apiGroup}/${apiVersion}`;
  const isCollection = ['list', 'watch'].includes(verb) && subresource === '';
  // A namespace is its own namespace.
  const isNamespace = apiGroup === '' && resource === 'namespaces' && namespace === name && name !== '';
  const segments = [
    ...(verb === 'proxy' ? ['proxy'] : []),
    ...(verb === 'watch' && !isCollection ? ['watch'] : []),
    ...(namespace === '' || isNamespace ? [] : ['namespaces', namespace]),
    resource,
    ...(name === '' || isCollection ? [] : [name]),
    ...(subresource === '' ? [] : [subresource]),
  ];
  const query = [
    ...(verb === 'watch' && isCollection ? ['watch=true'] : []),
    ...(isCollection && name !== '' ? [`fieldSelector=metadata.name%3D${encodeURIComponent(name)}`] : []),
  ].join('&');
  return [METHODS[verb] ?? 'GET', `${root}/${segments.map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`];
}

const METHODS: Readonly<Record<string, string>> = {
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
  '': 'OPTIONS',
};

/** Of a group, resources that people know. */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  '': ['pods', 'services', 'nodes', 'configmaps'],
  apps: ['deployments', 'daemonsets', 'statefulsets'],
  batch: ['jobs', 'cronjobs'],
};

const NOTHING: RequestAttributes = {
  user: null,
  verb: '',
  resourceRequest: false,
  path: '',
  namespace: '',
  apiGroup: '',
  apiVersion: '',
  resource: '',
  subresource: '',
  name: '',
};
