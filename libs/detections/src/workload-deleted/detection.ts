import { BUILT_IN_CONTROLLER, CONTROL_PLANE_NAMES } from '../built-in-controllers.ts';
import { OBJECT_CHANGE } from '../compliance.ts';
import { is, matches, matchesNot } from '../condition/field-test.ts';
import type { Detection } from '../detection.ts';
import { onWorkloads, WORKLOAD_RESOURCES } from '../workload-kinds.ts';

const GARBAGE_COLLECTOR = {
  actor: 'service-account',
  user: { username: 'system:serviceaccount:kube-system:generic-garbage-collector' },
};

/**
 * The garbage collector and the namespace controller delete what belonged to the deleted; the kubelet (actor node) deletes every pod a
 * second time when its containers have ended. Neither is what an analyst asks for. An eviction (a drained node) is a deletion.
 */
export const workloadDeleted: Detection = {
  slug: 'workload-deleted',
  title: 'Workload deleted',
  why: 'Something stopped running: an outage, a clean-up, or somebody who removes traces or competitors.',
  severity: 'info',
  ruleOffset: 203,
  escalations: [
    {
      ruleOffset: 213,
      when: [is('actor', 'human', 'anonymous')],
      severity: 'low',
      why: 'By hand, not by the pipeline or operator that usually does it.',
    },
  ],
  attack: ['T1485', 'T1489'],
  compliance: OBJECT_CHANGE,
  groups: ['k8s_workload', 'k8s_workload_deleted'],
  condition: [
    matches('action', onWorkloads(['delete', 'deletecollection', 'evict'])),
    is('outcome', 'allowed'),
    is('stage', 'ResponseComplete'),
    is('actor', 'human', 'anonymous', 'service-account'),
    matchesNot('user.username', BUILT_IN_CONTROLLER),
  ],
  description:
    'Kubernetes: $(k8s.user.username) deleted $(k8s.objectRef.resource) $(k8s.objectRef.namespace)/$(k8s.objectRef.name) in $(k8s.cluster) from $(srcip) ($(k8s.action))',
  needs: {
    level: 'Metadata',
    resources: [...WORKLOAD_RESOURCES, { group: '', resources: ['pods/eviction'] }],
    verbs: ['delete', 'deletecollection', 'create'],
    stages: ['ResponseComplete'],
    users: { except: CONTROL_PLANE_NAMES },
  },
  examples: [
    { title: 'a person deletes a deployment', alerts: 213, k8s: deleted('deployments') },
    { title: 'a person deletes all pods of a namespace', alerts: 213, k8s: { ...deleted('pods'), action: 'deletecollection pods' } },
    { title: 'a person drains a node', alerts: 213, k8s: { action: 'evict pods' } },
    { title: 'a pipeline deletes a job', alerts: 203, k8s: { ...deleted('jobs'), actor: 'service-account' } },
    {
      title: 'a deletion is not excused by a query that its body overrides',
      alerts: 213,
      k8s: { ...deleted('pods'), requestURI: '/x?dryRun=All' },
    },
    { title: 'the garbage collector deletes the ReplicaSet', alerts: 'none', k8s: { ...deleted('replicasets'), ...GARBAGE_COLLECTOR } },
    {
      title: 'a controller manager without service accounts deletes a pod',
      alerts: 'none',
      k8s: { ...deleted('pods'), actor: 'control-plane' },
    },
    { title: 'a kubelet removes a pod that has ended', alerts: 'none', k8s: { ...deleted('pods'), actor: 'node' } },
    {
      title: 'the deployment is not there',
      alerts: 'none',
      k8s: { ...deleted('deployments'), outcome: 'failed', responseStatus: { code: '404' } },
    },
    {
      title: 'the person may not',
      alerts: 'none',
      k8s: { ...deleted('deployments'), outcome: 'forbidden', responseStatus: { code: '403' } },
    },
    { title: 'the request has only begun', alerts: 'none', k8s: { ...deleted('deployments'), stage: 'RequestReceived' } },
    { title: 'a config map', alerts: 'none', k8s: deleted('configmaps') },
  ],
};

function deleted(resource: string): { readonly action: string; readonly verb: string; readonly responseStatus: { readonly code: string } } {
  return { action: `delete ${resource}`, verb: 'delete', responseStatus: { code: '200' } };
}
