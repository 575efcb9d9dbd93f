import type { RequestAttributes } from '../model.ts';
import { readListOptions } from './list-options.ts';
import { parseQuery } from './query-parameters.ts';
import { parseRequestUri } from './request-uri.ts';

/** What the API server reads out of a request's method and URL (apiserver pkg/endpoints/request/requestinfo.go). */
export interface RequestInfo {
  readonly isResourceRequest: boolean;
  readonly path: string;
  /** Kubernetes' verb for a resource, the lower-case method for other paths. */
  readonly verb: string;
  readonly apiPrefix: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** Path from the resource on; null without one. */
  readonly parts: readonly string[] | null;
}

export type RequestInfoReading =
  | { readonly kind: 'request'; readonly info: RequestInfo }
  /** The API server answers with an error and audits nothing. */
  | { readonly kind: 'broken'; readonly message: string };

/** `url` is what stands in the request line, or a whole URL. */
export function readRequestInfo(method: string, url: string): RequestInfoReading {
  const uri = parseRequestUri(url);
  if (uri.kind === 'broken') return { kind: 'broken', message: `${JSON.stringify(url)} is no URL of a request: ${uri.reason}` };
  const plain: RequestInfo = { ...EMPTY, path: uri.path, verb: method.toLowerCase() };
  const parts = splitPath(uri.path);
  const apiPrefix = parts[0] ?? '';
  if (parts.length < 3 || (apiPrefix !== 'api' && apiPrefix !== 'apis')) return request(plain);
  const grouped = apiPrefix === 'apis';
  if (grouped && parts.length < 4) return request({ ...plain, apiPrefix });
  const apiGroup = grouped ? (parts[1] ?? '') : '';
  const apiVersion = parts[grouped ? 2 : 1] ?? '';
  const rest = parts.slice(grouped ? 3 : 2);
  const base = { ...plain, isResourceRequest: true, apiPrefix, apiGroup, apiVersion };
  const special = SPECIAL_VERBS.has(rest[0] ?? '');
  if (special && rest.length < 2) return { kind: 'broken', message: `unable to determine kind and namespace from url, ${uri.text}` };
  const verb = special ? (rest[0] ?? '') : (VERBS[method] ?? '');
  return request(refine({ ...base, verb, ...readParts(special ? rest.slice(1) : rest, verb) }, uri.query));
}

/** The attributes that a policy asks for. */
export function attributesOf(info: RequestInfo, user: RequestAttributes['user']): RequestAttributes {
  const { verb, isResourceRequest, path, namespace, apiGroup, apiVersion, resource, subresource, name } = info;
  return { user, verb, resourceRequest: isResourceRequest, path, namespace, apiGroup, apiVersion, resource, subresource, name };
}

/** `namespaces/NS/RESOURCE/NAME/SUBRESOURCE`; a namespace is its own namespace, and its name as well. */
function readParts(found: readonly string[], verb: string): Pick<RequestInfo, 'namespace' | 'resource' | 'name' | 'subresource' | 'parts'> {
  const inNamespace = found[0] === 'namespaces' && found.length > 1;
  const namespace = inNamespace ? (found[1] ?? '') : '';
  const goesOn = inNamespace && found.length > 2 && !NAMESPACE_SUBRESOURCES.has(found[2] ?? '');
  const parts = goesOn ? found.slice(2) : found;
  const [resource = '', name = '', subresource = ''] = parts;
  return { namespace, resource, name, subresource: verb === 'proxy' ? '' : subresource, parts };
}

/** Without a name a get is a list or a watch, and a delete is of a collection. */
function refine(info: RequestInfo, query: string): RequestInfo {
  if (info.name !== '') return info;
  if (info.verb === 'delete') return { ...info, verb: 'deletecollection' };
  if (info.verb !== 'get') return info;
  const options = readListOptions(parseQuery(query));
  const name = options.name !== undefined && isPathSegment(options.name) ? options.name : '';
  return { ...info, verb: options.watch ? 'watch' : 'list', name };
}

function isPathSegment(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/%]/.test(name);
}

/** An expression for the slashes at the end would try each run of slashes from each of its places. */
function splitPath(path: string): readonly string[] {
  let [start, end] = [0, path.length];
  while (path[start] === '/') start++;
  while (end > start && path[end - 1] === '/') end--;
  return start === end ? [] : path.slice(start, end).split('/');
}

function request(info: RequestInfo): RequestInfoReading {
  return { kind: 'request', info };
}

const EMPTY: RequestInfo = {
  isResourceRequest: false,
  path: '',
  verb: '',
  apiPrefix: '',
  apiGroup: '',
  apiVersion: '',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
  parts: null,
};

/** Old paths: `/api/v1/watch/pods`. */
const SPECIAL_VERBS: ReadonlySet<string> = new Set(['proxy', 'watch']);

const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
