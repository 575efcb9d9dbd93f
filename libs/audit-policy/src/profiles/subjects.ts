import { compareVersions, type KubernetesVersion } from '../kubernetes-version.ts';
import type { GroupResources } from '../model.ts';
import { WILDCARD_GROUP_SINCE } from '../validation/validate-policy.ts';

/**
 * Objects whose bodies are credentials, or may hold some: never above Metadata in any profile. The certificate that a
 * signing request gets is written through its status and approval; the request itself holds a public key and a subject.
 */
export const CREDENTIALS: readonly GroupResources[] = [
  { group: '', resources: ['secrets', 'configmaps', 'serviceaccounts/token'] },
  { group: 'authentication.k8s.io', resources: ['tokenreviews'] },
  { group: 'certificates.k8s.io', resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'] },
];

/** Ways into a container, a node or a network that no firewall sees. Over a websocket they are a `get`. */
export const SESSIONS: readonly GroupResources[] = [
  { group: '', resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy', 'nodes/proxy'] },
];

/** What runs containers. */
export const WORKLOADS: readonly GroupResources[] = [
  { group: '', resources: ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers'] },
  { group: 'apps', resources: ['deployments', 'daemonsets', 'statefulsets', 'replicasets'] },
  { group: 'batch', resources: ['jobs', 'cronjobs'] },
];

/** Objects whose content, and not the fact that they were written, says whether it was an attack. */
export const TELLING_OBJECTS: readonly GroupResources[] = [
  {
    group: '',
    resources: ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers', 'services', 'namespaces', 'persistentvolumes'],
  },
  ...WORKLOADS.filter(({ group }) => group !== ''),
  { group: 'rbac.authorization.k8s.io', resources: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'] },
  { group: 'networking.k8s.io', resources: ['ingresses', 'networkpolicies'] },
  {
    group: 'admissionregistration.k8s.io',
    resources: [
      'mutatingwebhookconfigurations',
      'validatingwebhookconfigurations',
      'validatingadmissionpolicies',
      'validatingadmissionpolicybindings',
    ],
  },
  { group: 'apiregistration.k8s.io', resources: ['apiservices'] },
  { group: 'certificates.k8s.io', resources: ['certificatesigningrequests'] },
];

export const LEASES: GroupResources = { group: 'coordination.k8s.io', resources: ['leases'] };
export const EVENTS: readonly GroupResources[] = [
  { group: '', resources: ['events'] },
  { group: 'events.k8s.io', resources: ['events'] },
];

/** Processes of the control plane itself: their certificates lie on its machines, and whoever has those has everything. */
export const CONTROL_PLANE: readonly string[] = ['system:apiserver', 'system:kube-controller-manager', 'system:kube-scheduler'];

/** Writers of endpoints, one update for each pod that comes or goes. */
export const ENDPOINT_CONTROLLERS: readonly string[] = ['endpoint', 'endpointslice', 'endpointslicemirroring'].map(
  (name) => `system:serviceaccount:kube-system:${name}-controller`,
);

/**
 * Everybody but those whom nobody could authenticate. A rule that asks for a group never matches a failed authentication
 * (checker.go: no user, no groups), so a rule of level None that asks for these two cannot hide one.
 */
export const AUTHENTICATED: readonly string[] = ['system:authenticated'];
export const AUTHENTICATED_OR_ANONYMOUS: readonly string[] = ['system:authenticated', 'system:unauthenticated'];

/** Where components ask whether the API server lives. `/healthz*` would also be `/healthzz`. */
export const HEALTH_PATHS: readonly string[] = ['/healthz', '/healthz/*', '/livez', '/livez/*', '/readyz', '/readyz/*'];

/** What clients ask before every other thing: which API there is. */
export const DISCOVERY_PATHS: readonly string[] = ['/api', '/api/*', '/apis', '/apis/*', '/openapi/*', '/version'];

/** Status of anything. Before 1.36 a policy cannot say "any group": then of the groups that Kubernetes itself brings. */
export function anyStatus(version: KubernetesVersion | undefined): readonly GroupResources[] {
  if (version !== undefined && compareVersions(version, WILDCARD_GROUP_SINCE) >= 0) return [{ group: '*', resources: ['*/status'] }];
  return GROUPS_WITH_STATUS.map((group) => ({ group, resources: ['*/status'] }));
}

const GROUPS_WITH_STATUS: readonly string[] = [
  '',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'autoscaling',
  'batch',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'policy',
  'resource.k8s.io',
  'storage.k8s.io',
];
