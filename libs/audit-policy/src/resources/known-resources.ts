import { BUILT_IN_RESOURCES } from './built-in-resources.ts';

/** A resource of Kubernetes itself. */
export interface KnownResource {
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
  readonly shortNames: readonly string[];
}

export const KNOWN_RESOURCES: readonly KnownResource[] = BUILT_IN_RESOURCES.map(
  ([group, resource, kind, namespaced, subresources, shortNames]) => ({ group, resource, kind, namespaced, subresources, shortNames }),
);

/** Groups that Kubernetes has itself; others belong to custom resources and aggregated APIs. */
export const KNOWN_GROUPS: ReadonlySet<string> = new Set(KNOWN_RESOURCES.map(({ group }) => group));

export function findResource(group: string, resource: string): KnownResource | undefined {
  return KNOWN_RESOURCES.find((known) => known.group === group && known.resource === resource);
}

/** Groups in which a resource of this name is known. */
export function groupsOf(resource: string): readonly string[] {
  return KNOWN_RESOURCES.filter((known) => known.resource === resource).map(({ group }) => group);
}

/** Known resources that somebody may have meant: another case, the singular, the kind, a short name. */
export function resourcesMeant(text: string): readonly KnownResource[] {
  const lower = text.toLowerCase();
  const isMeant = ({ resource, kind, shortNames }: KnownResource): boolean =>
    resource === lower || kind.toLowerCase() === lower || shortNames.includes(lower);
  return KNOWN_RESOURCES.filter(isMeant);
}

/**
 * What served requests once and does no more, with where it went (Kubernetes' deprecated API migration guide).
 * `undefined`: nowhere.
 */
export const FORMER_RESOURCES: ReadonlyMap<string, { readonly until: string; readonly now: string | undefined }> = new Map([
  ['extensions/deployments', { until: '1.16', now: 'apps' }],
  ['extensions/daemonsets', { until: '1.16', now: 'apps' }],
  ['extensions/replicasets', { until: '1.16', now: 'apps' }],
  ['extensions/networkpolicies', { until: '1.16', now: 'networking.k8s.io' }],
  ['extensions/podsecuritypolicies', { until: '1.16', now: undefined }],
  ['extensions/ingresses', { until: '1.22', now: 'networking.k8s.io' }],
  ['policy/podsecuritypolicies', { until: '1.25', now: undefined }],
]);

/** Groups of which nothing is left. */
export const FORMER_GROUPS: ReadonlyMap<string, string> = new Map([
  ['extensions', '1.22'],
  ['auditregistration.k8s.io', '1.19'],
  ['settings.k8s.io', '1.20'],
]);

/** Resources of some supported version that the table's version no longer has. */
export const OLDER_RESOURCES: ReadonlySet<string> = new Set([
  'networking.k8s.io/clustercidrs',
  'resource.k8s.io/podschedulingcontexts',
  'resource.k8s.io/podschedulings',
  'resource.k8s.io/resourceclasses',
  'resource.k8s.io/resourceclaimparameters',
  'resource.k8s.io/resourceclassparameters',
]);

/** What only the kubelet's own authorizer asks for: no request to the API server has such a path. */
export const KUBELET_SUBRESOURCES: ReadonlySet<string> = new Set([
  'metrics',
  'stats',
  'log',
  'spec',
  'checkpoint',
  'configz',
  'healthz',
  'pods',
]);
