import { BUILT_IN_CONTROLLER, CONTROL_PLANE_NAMES } from '../built-in-controllers.ts';
import { ACCESS_DENIED } from '../compliance.ts';
import { is, matchesNot } from '../condition/field-test.ts';
import type { Detection } from '../detection.ts';

const DENIED = { outcome: 'forbidden', stage: 'ResponseComplete', responseStatus: { code: '403' } };

const CA_PUBLISHER = {
  actor: 'service-account',
  user: { username: 'system:serviceaccount:kube-system:root-ca-cert-publisher' },
};

/**
 * At ResponseComplete, which every refused request has; a refused exec has a ResponseStarted before it, and would alert twice.
 * The control plane at its start, and controllers that write into a namespace that ends, are left out (but see `controller-denied`).
 * RBAC's no and an admission controller's (Pod Security, quota, a policy) both count.
 */
export const requestDenied: Detection = {
  slug: 'request-denied',
  title: 'Request denied',
  why: 'Somebody known, or nobody known, asked for what they may not: a missing right, or a look around with stolen credentials.',
  severity: 'low',
  ruleOffset: 402,
  attack: ['T1613'],
  compliance: ACCESS_DENIED,
  groups: ['k8s_identity', 'k8s_denied'],
  condition: [
    is('outcome', 'forbidden'),
    is('stage', 'ResponseComplete'),
    is('actor', 'human', 'anonymous', 'service-account', 'node'),
    matchesNot('user.username', BUILT_IN_CONTROLLER),
  ],
  description:
    'Kubernetes: $(k8s.user.username) was denied: $(k8s.action) $(k8s.objectRef.namespace)/$(k8s.objectRef.name) in $(k8s.cluster) from $(srcip)',
  needs: { level: 'Metadata', resources: '*', verbs: '*', stages: ['ResponseComplete'], users: { except: CONTROL_PLANE_NAMES } },
  examples: [
    { title: 'a person lists pods', alerts: 402, k8s: { ...DENIED, action: 'list pods' } },
    { title: 'an anonymous caller lists secrets', alerts: 402, k8s: { ...DENIED, action: 'list secrets', actor: 'anonymous' } },
    { title: 'a stolen pod token lists secrets', alerts: 402, k8s: { ...DENIED, action: 'list secrets', actor: 'service-account' } },
    { title: 'a kubelet reads what is not its own', alerts: 402, k8s: { ...DENIED, action: 'get secrets', actor: 'node' } },
    { title: 'a refused exec, at its end', alerts: 402, k8s: { ...DENIED, action: 'exec pods' } },
    { title: 'the same refused exec, at its start', alerts: 'none', k8s: { ...DENIED, action: 'exec pods', stage: 'ResponseStarted' } },
    { title: 'Pod Security refuses a pod', alerts: 402, k8s: { ...DENIED, action: 'create pods', decision: 'allow' } },
    { title: 'the scheduler asks before its rights are there', alerts: 'none', k8s: { ...DENIED, actor: 'control-plane' } },
    { title: 'a controller writes into a namespace that ends', alerts: 'none', k8s: { ...DENIED, decision: 'allow', ...CA_PUBLISHER } },
    {
      title: 'nobody knows who asks',
      alerts: 'none',
      k8s: { outcome: 'unauthenticated', stage: 'ResponseStarted', responseStatus: { code: '401' } },
    },
    { title: 'what is asked for is not there', alerts: 'none', k8s: { outcome: 'failed', responseStatus: { code: '404' } } },
  ],
};
