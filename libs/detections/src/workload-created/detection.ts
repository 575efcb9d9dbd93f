import { BUILT_IN_CONTROLLER, CONTROL_PLANE_NAMES } from '../built-in-controllers.ts';
import { OBJECT_CHANGE } from '../compliance.ts';
import { is, matches, matchesNot } from '../condition/field-test.ts';
import type { Detection } from '../detection.ts';
import { DRY_RUN } from '../dry-run.ts';
import { onWorkloads, WORKLOAD_RESOURCES } from '../workload-kinds.ts';

const DEPLOYMENT_CONTROLLER = {
  actor: 'service-account',
  user: { username: 'system:serviceaccount:kube-system:deployment-controller' },
};
const IMPOSTOR = { actor: 'service-account', user: { username: 'system:serviceaccount:shop:deployment-controller' } };

/**
 * One alert for what somebody asked for, none for what the control plane makes of it: the ReplicaSet and the pods of a deployment.
 * A service account (a pipeline, an operator) and a kubelet (a static pod) are reported lower than a person.
 */
export const workloadCreated: Detection = {
  slug: 'workload-created',
  title: 'Workload created',
  why: 'New containers run in the cluster. Every deployment does this, and so does every attacker who wants to stay.',
  severity: 'info',
  ruleOffset: 201,
  escalations: [
    {
      ruleOffset: 211,
      when: [is('actor', 'human', 'anonymous')],
      severity: 'low',
      why: 'By hand, not by the pipeline or operator that usually does it.',
    },
  ],
  attack: ['T1610'],
  compliance: OBJECT_CHANGE,
  groups: ['k8s_workload', 'k8s_workload_created'],
  condition: [
    // A server-side apply creates by patch; 201 tells it from a change.
    matches('action', onWorkloads(['create', 'patch', 'update'])),
    is('responseStatus.code', '201'),
    is('stage', 'ResponseComplete'),
    is('actor', 'human', 'anonymous', 'service-account', 'node'),
    matchesNot('user.username', BUILT_IN_CONTROLLER),
    matchesNot('requestURI', DRY_RUN),
  ],
  description:
    'Kubernetes: $(k8s.user.username) created $(k8s.objectRef.resource) $(k8s.objectRef.namespace)/$(k8s.objectRef.name) in $(k8s.cluster) from $(srcip)',
  needs: {
    level: 'Metadata',
    resources: WORKLOAD_RESOURCES,
    verbs: ['create', 'patch', 'update'],
    stages: ['ResponseComplete'],
    users: { except: CONTROL_PLANE_NAMES },
  },
  examples: [
    { title: 'a person creates a deployment', alerts: 211, k8s: {} },
    { title: 'a person creates a cron job by server-side apply', alerts: 211, k8s: { action: 'patch cronjobs', verb: 'patch' } },
    { title: 'a pipeline creates a deployment', alerts: 201, k8s: { actor: 'service-account' } },
    { title: 'a kubelet creates the mirror of a static pod', alerts: 201, k8s: { action: 'create pods', actor: 'node' } },
    { title: 'an anonymous caller creates a pod', alerts: 211, k8s: { action: 'create pods', actor: 'anonymous' } },
    {
      title: 'the deployment controller creates the ReplicaSet',
      alerts: 'none',
      k8s: { action: 'create replicasets', ...DEPLOYMENT_CONTROLLER },
    },
    {
      title: 'a controller manager without service accounts creates a pod',
      alerts: 'none',
      k8s: { action: 'create pods', actor: 'control-plane' },
    },
    { title: 'a namesake of the deployment controller in another namespace does', alerts: 201, k8s: IMPOSTOR },
    { title: 'the scheduler binds a pod', alerts: 'none', k8s: { action: 'bind pods' } },
    { title: 'the request has only begun', alerts: 'none', k8s: { stage: 'RequestReceived' } },
    { title: 'the server refuses the object', alerts: 'none', k8s: { outcome: 'failed', responseStatus: { code: '422' } } },
    { title: 'the person may not', alerts: 'none', k8s: { outcome: 'forbidden', responseStatus: { code: '403' } } },
    {
      title: 'an existing deployment is applied again',
      alerts: 'none',
      k8s: { action: 'patch deployments', responseStatus: { code: '200' } },
    },
    { title: 'a dry run', alerts: 'none', k8s: { requestURI: '/apis/apps/v1/namespaces/default/deployments?dryRun=All' } },
    {
      title: 'a dry run among other parameters',
      alerts: 'none',
      k8s: { requestURI: '/x?fieldManager=a&dryRun=All&fieldValidation=Strict' },
    },
    { title: 'a parameter that only looks like a dry run', alerts: 211, k8s: { requestURI: '/x?fieldManager=x?dryRun=All' } },
    { title: 'a parameter that only ends like a dry run', alerts: 211, k8s: { requestURI: '/x?notdryRun=All&dryRun=Alles' } },
    { title: 'a config map', alerts: 'none', k8s: { action: 'create configmaps' } },
  ],
};
