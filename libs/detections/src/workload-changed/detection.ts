import { OBJECT_CHANGE } from '../compliance.ts';
import { is, matches, matchesNot } from '../condition/field-test.ts';
import type { Detection } from '../detection.ts';
import { DRY_RUN } from '../dry-run.ts';
import { onWorkloads, WORKLOAD_RESOURCES } from '../workload-kinds.ts';

const SCALED = ['deployments/scale', 'statefulsets/scale', 'replicasets/scale', 'replicationcontrollers/scale'];
const CHANGED = [...WORKLOAD_RESOURCES.flatMap(({ resources }) => resources), ...SCALED];

/** Status updates, which controllers write all day, are another action; so is what the control plane changes. */
export const workloadChanged: Detection = {
  slug: 'workload-changed',
  title: 'Workload changed',
  why: 'What runs was exchanged or scaled: a new image, a sidecar, a command, no replicas at all.',
  severity: 'info',
  ruleOffset: 202,
  escalations: [
    {
      ruleOffset: 212,
      when: [is('actor', 'human', 'anonymous')],
      severity: 'low',
      why: 'By hand, not by the pipeline or operator that usually does it.',
    },
  ],
  attack: ['T1610', 'T1525'],
  compliance: OBJECT_CHANGE,
  groups: ['k8s_workload', 'k8s_workload_changed'],
  condition: [
    matches('action', onWorkloads(['update', 'patch'], CHANGED)),
    is('responseStatus.code', '200'),
    is('stage', 'ResponseComplete'),
    is('actor', 'human', 'anonymous', 'service-account'),
    matchesNot('requestURI', DRY_RUN),
  ],
  description:
    'Kubernetes: $(k8s.user.username) changed $(k8s.objectRef.resource) $(k8s.objectRef.namespace)/$(k8s.objectRef.name) in $(k8s.cluster) from $(srcip) ($(k8s.action))',
  needs: {
    level: 'Metadata',
    resources: [
      ...WORKLOAD_RESOURCES,
      { group: '', resources: ['replicationcontrollers/scale'] },
      { group: 'apps', resources: SCALED.slice(0, 3) },
    ],
    verbs: ['update', 'patch'],
    stages: ['ResponseComplete'],
  },
  examples: [
    { title: 'a person patches a deployment', alerts: 212, k8s: patched('deployments') },
    { title: 'a person scales a stateful set', alerts: 212, k8s: patched('statefulsets/scale') },
    { title: 'a person replaces a job', alerts: 212, k8s: { ...patched('jobs'), action: 'update jobs' } },
    { title: 'an operator patches a daemon set', alerts: 202, k8s: { ...patched('daemonsets'), actor: 'service-account' } },
    { title: 'the deployment controller scales a ReplicaSet', alerts: 'none', k8s: { ...patched('replicasets'), actor: 'control-plane' } },
    { title: 'a kubelet reports the state of a pod', alerts: 'none', k8s: { ...patched('pods/status'), actor: 'node' } },
    { title: 'an operator writes a status', alerts: 'none', k8s: { ...patched('deployments/status'), actor: 'service-account' } },
    {
      title: 'the patch conflicts',
      alerts: 'none',
      k8s: { ...patched('deployments'), outcome: 'failed', responseStatus: { code: '409' } },
    },
    { title: 'the patch has only begun', alerts: 'none', k8s: { ...patched('deployments'), stage: 'RequestReceived' } },
    { title: 'the patch is a dry run', alerts: 'none', k8s: { ...patched('deployments'), requestURI: '/x?dryRun=All' } },
    { title: 'the patch creates the deployment', alerts: 'none', k8s: { ...patched('deployments'), responseStatus: { code: '201' } } },
  ],
};

function patched(resource: string): { readonly action: string; readonly verb: string; readonly responseStatus: { readonly code: string } } {
  return { action: `patch ${resource}`, verb: 'patch', responseStatus: { code: '200' } };
}
