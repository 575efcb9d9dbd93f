/**
 * Service accounts of kube-controller-manager, all in kube-system: k8s.io/kubernetes v1.35.4
 * plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go. Other controllers may live in that namespace too; they are not meant.
 */
const BUILT_IN_CONTROLLERS: readonly string[] = [
  'attachdetach-controller',
  'certificate-controller',
  'clusterrole-aggregation-controller',
  'cronjob-controller',
  'daemon-set-controller',
  'deployment-controller',
  'device-taint-eviction-controller',
  'disruption-controller',
  'endpoint-controller',
  'endpointslice-controller',
  'endpointslicemirroring-controller',
  'ephemeral-volume-controller',
  'expand-controller',
  'generic-garbage-collector',
  'horizontal-pod-autoscaler',
  'job-controller',
  'kube-apiserver-serving-clustertrustbundle-publisher',
  'legacy-service-account-token-cleaner',
  'namespace-controller',
  'node-controller',
  'persistent-volume-binder',
  'pod-garbage-collector',
  'podcertificaterequestcleaner',
  'pv-protection-controller',
  'pvc-protection-controller',
  'replicaset-controller',
  'replication-controller',
  'resource-claim-controller',
  'resourcequota-controller',
  'root-ca-cert-publisher',
  'route-controller',
  'selinux-warning-controller',
  'service-account-controller',
  'service-cidrs-controller',
  'service-controller',
  'statefulset-controller',
  'storage-version-garbage-collector',
  'storage-version-migrator-controller',
  'ttl-after-finished-controller',
  'ttl-controller',
  'validatingadmissionpolicy-status-controller',
  'volumeattributesclass-protection-controller',
];

/**
 * In `user.username`: a controller of Kubernetes itself. What it does follows from something that was reported already: the ReplicaSet
 * and the pods of a deployment, whatever was in a deleted namespace. `k8s.actor` calls it a service account and not the control
 * plane, because its token can be stolen like any other. The price of leaving it out is that whoever has one of these tokens
 * makes workloads unseen by the detections that do; `controller-denied` waits for their first wrong step.
 */
export const BUILT_IN_CONTROLLER: string = `^system:serviceaccount:kube-system:(${alternatives(BUILT_IN_CONTROLLERS)})$`;

/** The same by name, as a policy knows them. */
export const BUILT_IN_CONTROLLER_NAMES: readonly string[] = BUILT_IN_CONTROLLERS.map((name) => `system:serviceaccount:kube-system:${name}`);

/** Whose requests say nothing to most detections: the controllers, and the processes of the control plane that have no service account. */
export const CONTROL_PLANE_NAMES: readonly string[] = [
  'system:apiserver',
  'system:kube-controller-manager',
  'system:kube-scheduler',
  ...BUILT_IN_CONTROLLER_NAMES,
];

/** Shorter to read in a rule: the ending that most of them share is written once. */
function alternatives(names: readonly string[]): string {
  const ending = '-controller';
  const shared = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
  return [`(${shared.join('|')})${ending}`, ...names.filter((name) => !name.endsWith(ending))].join('|');
}
