import { BUILT_IN_CONTROLLER, BUILT_IN_CONTROLLER_NAMES } from '../built-in-controllers.ts';
import { ACCESS_DENIED } from '../compliance.ts';
import { is, matches } from '../condition/field-test.ts';
import type { Detection } from '../detection.ts';

const DENIED = {
  action: 'list secrets',
  outcome: 'forbidden',
  decision: 'forbid',
  actor: 'service-account',
  user: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
  responseStatus: { code: '403' },
};

/**
 * The controllers of Kubernetes have just the rights that they use, and are never refused by RBAC. What admission refuses them (a
 * quota, a namespace that ends) is everyday life and has decision `allow`.
 */
export const controllerDenied: Detection = {
  slug: 'controller-denied',
  title: 'Controller of Kubernetes denied by RBAC',
  why: 'Its token is in other hands, or somebody changed its role: a controller asks for nothing that it may not.',
  severity: 'medium',
  ruleOffset: 403,
  attack: ['T1078', 'T1613'],
  compliance: ACCESS_DENIED,
  groups: ['k8s_identity', 'k8s_denied'],
  condition: [
    is('outcome', 'forbidden'),
    is('decision', 'forbid'),
    is('stage', 'ResponseComplete'),
    matches('user.username', BUILT_IN_CONTROLLER),
  ],
  description:
    'Kubernetes: the controller $(k8s.user.username) was denied: $(k8s.action) $(k8s.objectRef.namespace)/$(k8s.objectRef.name) in $(k8s.cluster) from $(srcip)',
  needs: { level: 'Metadata', resources: '*', verbs: '*', stages: ['ResponseComplete'], users: { names: BUILT_IN_CONTROLLER_NAMES } },
  examples: [
    { title: 'the token of the ReplicaSet controller lists secrets', alerts: 403, k8s: DENIED },
    { title: 'a refused exec with it, at its start', alerts: 'none', k8s: { ...DENIED, action: 'exec pods', stage: 'ResponseStarted' } },
    {
      title: 'a quota refuses a pod to the ReplicaSet controller',
      alerts: 'none',
      k8s: { ...DENIED, action: 'create pods', decision: 'allow' },
    },
    {
      title: 'the ReplicaSet controller is allowed',
      alerts: 'none',
      k8s: { ...DENIED, outcome: 'allowed', responseStatus: { code: '200' } },
    },
    { title: 'a person is denied', alerts: 'none', k8s: { ...DENIED, actor: 'human', user: { username: 'alice' } } },
  ],
};
