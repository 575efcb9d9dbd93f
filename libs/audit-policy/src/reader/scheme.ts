import { DataError } from '../go-json/data.ts';
import { quote } from '../go-text/quote.ts';
import { type GroupVersionKind, groupVersion, INTERNAL } from './group-version-kind.ts';

/** Go type of each kind by group and version: the scheme of k8s.io/apiserver v0.36.3 pkg/audit. */
const OPTION_KINDS = ['CreateOptions', 'DeleteOptions', 'GetOptions', 'ListOptions', 'PatchOptions', 'UpdateOptions', 'WatchEvent'];
const AUDIT_KINDS = ['Event', 'EventList', 'Policy', 'PolicyList'];

const REGISTERED: ReadonlyMap<string, string> = new Map([
  ...AUDIT_KINDS.map((kind) => [`audit.k8s.io/v1 ${kind}`, `v1.${kind}`] as const),
  ...OPTION_KINDS.map((kind) => [`audit.k8s.io/v1 ${kind}`, `v1.${kind}`] as const),
  ...AUDIT_KINDS.map((kind) => [`audit.k8s.io/${INTERNAL} ${kind}`, `audit.${kind}`] as const),
  [`audit.k8s.io/${INTERNAL} WatchEvent`, 'v1.InternalEvent'],
  ...OPTION_KINDS.map((kind) => [`v1 ${kind}`, `v1.${kind}`] as const),
  [`${INTERNAL} WatchEvent`, 'v1.InternalEvent'],
]);

/** Kinds that are the same in every version. */
const UNVERSIONED: ReadonlySet<string> = new Set(['Status', 'APIVersions', 'APIGroup', 'APIGroupList', 'APIResourceList']);

/** The scheme is named after the line that makes it; the errors say so. */
const SCHEME_NAME = 'pkg/runtime/scheme.go:111';

/**
 * Go type that a document of this kind is read into.
 *
 * @throws {DataError} `no kind "Policy" is registered for version "audit.k8s.io/v1beta1" in scheme "…"`
 */
export function typeOf(gvk: GroupVersionKind): string {
  const type = REGISTERED.get(`${groupVersion(gvk)} ${gvk.kind}`) ?? (UNVERSIONED.has(gvk.kind) ? `v1.${gvk.kind}` : undefined);
  if (type !== undefined) return type;
  const version = gvk.version === INTERNAL ? `the internal version of group ${quote(gvk.group)}` : `version ${quote(groupVersion(gvk))}`;
  throw new DataError(`no kind ${quote(gvk.kind)} is registered for ${version} in scheme ${quote(SCHEME_NAME)}`);
}
