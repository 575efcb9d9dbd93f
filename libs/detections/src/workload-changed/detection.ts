import { BUILT_IN_CONTROLLER, CONTROL_PLANE_NAMES } from '../built-in-controllers.ts';
import { OBJECT_CHANGE } from '../compliance.ts';
import { is, matches, matchesNot } from '../condition/field-test.ts';
import type { Detection } from '../detection.ts';
import { DRY_RUN } from '../dry-run.ts';
import { onWorkloads, WORKLOAD_RESOURCES } from '../workload-kinds.ts';

const SCALABLE = ['deployments/scale', 'statefulsets/scale', 'replicasets/scale'];

/**
 * Changes are many, by people and by operators, and most say little: one level for all of them. Status updates, which controllers
 * write all day, are other actions; so is what creates (201).
 */
export const workloadChanged: Detection = {
  slug: 'workload-changed',
  title: 'Workload changed',
  why: 'What runs was exchanged or scaled: a new image, a sidecar, a command, no replicas at all.',
  severity: 'info',
  ruleOffset: 202,
  attack: ['T1610', 'T1525'],
  compliance: OBJECT_CHANGE,
  groups: ['k8s_workload', 'k8s_workload_changed'],
  condition: [
    matches('action', onWorkloads(['update', 'patch', 'scale', 'resize'])),
    is('responseStatus.code', '200'),
    is('stage', 'ResponseComplete'),
    is('actor', 'human', 'anonymous', 'service-account'),
    matchesNot('user.username', BUILT_IN_CONTROLLER),
    matchesNot('requestURI', DRY_RUN),
  ],
  description:
    'Kubernetes: $(k8s.user.username) changed $(k8s.objectRef.resource) $(k8s.objectRef.namespace)/$(k8s.objectRef.name) in $(k8s.cluster) from $(srcip) ($(k8s.action))',
  needs: {
    level: 'Metadata',
    resources: [
      ...WORKLOAD_RESOURCES,
      { group: '', resources: ['replicationcontrollers/scale', 'pods/resize'] },
      { group: 'apps', resources: SCALABLE },
    ],
    verbs: ['update', 'patch'],
    stages: ['ResponseComplete'],
    users: { except: CONTROL_PLANE_NAMES },
  },
  examples: [
    { title: 'a person patches a deployment', alerts: 202, k8s: patched('patch deployments') },
    { title: 'a person scales a stateful set', alerts: 202, k8s: patched('scale statefulsets') },
    { title: 'a person replaces a job', alerts: 202, k8s: patched('update jobs') },
    { title: 'an operator patches a daemon set', alerts: 202, k8s: { ...patched('patch daemonsets'), actor: 'service-account' } },
    {
      title: 'the deployment controller scales a ReplicaSet',
      alerts: 'none',
      k8s: {
        ...patched('update replicasets'),
        actor: 'service-account',
        user: { username: 'system:serviceaccount:kube-system:deployment-controller' },
      },
    },
    { title: 'the scheduler patches a pod', alerts: 'none', k8s: { ...patched('patch pods'), actor: 'control-plane' } },
    { title: 'a kubelet reports the state of a pod', alerts: 'none', k8s: { ...patched('patch pods/status'), actor: 'node' } },
    { title: 'an operator writes a status', alerts: 'none', k8s: { ...patched('update deployments/status'), actor: 'service-account' } },
    { title: 'the scale is only read', alerts: 'none', k8s: patched('get deployments/scale') },
    {
      title: 'the patch conflicts',
      alerts: 'none',
      k8s: { ...patched('patch deployments'), outcome: 'failed', responseStatus: { code: '409' } },
    },
    { title: 'the patch has only begun', alerts: 'none', k8s: { ...patched('patch deployments'), stage: 'RequestReceived' } },
    { title: 'the patch is a dry run', alerts: 'none', k8s: { ...patched('patch deployments'), requestURI: '/x?dryRun=All' } },
    {
      title: 'the patch creates the deployment',
      alerts: 'none',
      k8s: { ...patched('patch deployments'), responseStatus: { code: '201' } },
    },
  ],
};

function patched(action: string): { readonly action: string; readonly responseStatus: { readonly code: string } } {
  return { action, responseStatus: { code: '200' } };
}
