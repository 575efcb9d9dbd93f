import type { Level } from '@k8s-audit/audit-events';
import { type ClassObject, decidersOf, type RequestClass } from '../../reachability/deciders.ts';
import { finding, keyAt, type LintContext, valueAt } from '../context.ts';
import type { Finding, FindingKind } from '../finding.ts';

interface Noise {
  readonly kind: FindingKind;
  readonly requests: RequestClass;
  /** Recorded at this level or above it is noise. */
  readonly from: Level;
  readonly message: string;
  readonly advice: string;
}

const resource = (apiGroup: string, name: string, namespaced: boolean): ClassObject => ({
  kind: 'resource',
  apiGroup,
  resource: name,
  subresource: '',
  namespaced,
});

const NOISES: readonly Noise[] = [
  {
    kind: {
      id: 'noisy-leases',
      severity: 'info',
      title: 'leases are recorded',
      why: 'Every kubelet renews its lease each 10 seconds, every controller that elects a leader each 2. On most clusters that is the bulk of all requests, and says nothing.',
      remedy: 'A rule of level None for `leases` of `coordination.k8s.io`, for the users and groups that renew them.',
      example: '- level: Metadata\n',
    },
    requests: {
      verbs: ['update'],
      objects: [resource('coordination.k8s.io', 'leases', true)],
      requester: { username: 'system:node:any', groups: ['system:nodes', 'system:authenticated'] },
    },
    from: 'Metadata',
    message: 'the renewal of leases, each 10 seconds from each node, is recorded',
    advice: 'begin with a rule of level None for leases of coordination.k8s.io with userGroups: [system:nodes]',
  },
  {
    kind: {
      id: 'noisy-events',
      severity: 'info',
      title: 'events are recorded',
      why: 'Kubernetes’ own Event objects tell what controllers did; each is a create or a patch. They have a log of their own, and make much of the volume of an audit.',
      remedy: 'A rule of level None for `events` of the core group and of `events.k8s.io`.',
      example: '- level: Metadata\n',
    },
    requests: {
      verbs: ['create', 'patch'],
      objects: [resource('', 'events', true), resource('events.k8s.io', 'events', true)],
      requester: { username: 'system:node:any', groups: ['system:nodes', 'system:authenticated'] },
    },
    from: 'Metadata',
    message: 'the writing of Event objects is recorded',
    advice: 'begin with a rule of level None for events of the core group and of events.k8s.io',
  },
  {
    kind: {
      id: 'noisy-watches',
      severity: 'info',
      title: 'the watches of the system are recorded',
      why: 'Kubelets, kube-proxy, the scheduler and the controllers watch all the time, and renew each watch after some minutes. A watch by a person is rare and worth keeping.',
      remedy: 'A rule of level None for `verbs: [watch]` of these users and groups.',
      example: '- level: Metadata\n',
    },
    requests: {
      verbs: ['watch'],
      objects: [resource('', 'pods', true), resource('', 'nodes', false)],
      requester: { username: 'system:kube-scheduler', groups: ['system:authenticated'] },
    },
    from: 'Metadata',
    message: 'the watches of Kubernetes’ own components are recorded',
    advice:
      'begin with a rule of level None for verbs: [watch] of system:kube-scheduler, system:kube-controller-manager, system:kube-proxy and system:nodes',
  },
  {
    kind: {
      id: 'noisy-health-checks',
      severity: 'info',
      title: 'health checks are recorded',
      why: 'Kubelets and load balancers ask for /healthz, /livez and /readyz every few seconds.',
      remedy: 'A rule of level None for `nonResourceURLs: [/healthz*, /livez*, /readyz*]`.',
      example: '- level: None\n  nonResourceURLs: [/healthz*]\n- level: Metadata\n',
    },
    requests: {
      verbs: ['get'],
      objects: ['/healthz', '/livez', '/readyz'].map((path): ClassObject => ({ kind: 'path', path })),
      requester: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
    },
    from: 'Metadata',
    message: 'health checks are recorded',
    advice: 'begin with a rule of level None for nonResourceURLs: [/healthz*, /livez*, /readyz*]',
  },
  {
    kind: {
      id: 'noisy-access-reviews',
      severity: 'info',
      title: 'the bodies of access reviews are recorded',
      why: 'Kubelets and aggregated API servers ask with a SubjectAccessReview whether each of their own requests is allowed. With bodies this is the loudest rule of many policies; the decision is in the event of the request itself.',
      remedy: 'Record `subjectaccessreviews` of `authorization.k8s.io` at Metadata.',
      example:
        '- level: RequestResponse\n  resources:\n  - group: authorization.k8s.io\n    resources: [subjectaccessreviews]\n- level: Metadata\n',
    },
    requests: {
      verbs: ['create'],
      objects: [
        {
          kind: 'resource',
          apiGroup: 'authorization.k8s.io',
          resource: 'subjectaccessreviews',
          subresource: '',
          namespaced: false,
          name: '',
        },
      ],
      requester: { username: 'system:node:any', groups: ['system:nodes', 'system:authenticated'] },
    },
    from: 'Request',
    message: 'the bodies of SubjectAccessReviews are recorded',
    advice: 'record subjectaccessreviews at Metadata',
  },
];

export const NOISE_KINDS: readonly FindingKind[] = NOISES.map(({ kind }) => kind);

const ORDER: readonly Level[] = ['None', 'Metadata', 'Request', 'RequestResponse'];

export function* checkNoise({ search, rules, root }: LintContext): Iterable<Finding> {
  if (search === undefined || root === undefined) return;
  for (const { kind, requests, from, message, advice } of NOISES) {
    const decider = decidersOf(search, requests).find(({ decision }) => ORDER.indexOf(decision.level) >= ORDER.indexOf(from));
    if (decider?.decision.matchedRule === undefined) continue;
    const view = rules[decider.decision.matchedRule];
    yield finding(kind, view === undefined ? keyAt(root, 'rules') : valueAt(view.data, 'level'), {
      path: `${view?.path ?? 'rules'}.level`,
      message: `${message} at ${decider.decision.level}`,
      advice,
    });
  }
}
