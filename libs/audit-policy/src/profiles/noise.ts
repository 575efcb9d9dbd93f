import type { KubernetesVersion } from '../kubernetes-version.ts';
import type { ReasonedRule } from './profile.ts';
import {
  AUTHENTICATED,
  AUTHENTICATED_OR_ANONYMOUS,
  anyStatus,
  CONTROL_PLANE,
  DISCOVERY_PATHS,
  ENDPOINT_CONTROLLERS,
  EVENTS,
  HEALTH_PATHS,
  LEASES,
} from './subjects.ts';

/** Probes of kubelets and load balancers, some a second. */
export const HEALTH_PROBES: ReasonedRule = {
  why: 'Health probes, by anybody who is known or anonymous. Failed authentication has no group: it is not dropped, here or below.',
  rule: { level: 'None', userGroups: AUTHENTICATED_OR_ANONYMOUS, verbs: ['get', 'head'], nonResourceURLs: HEALTH_PATHS },
};

export const DISCOVERY: ReasonedRule = {
  why: 'Discovery, which every kubectl command and controller does first, and which everybody authenticated may do. Anonymous discovery is kept.',
  rule: { level: 'None', userGroups: AUTHENTICATED, verbs: ['get', 'head'], nonResourceURLs: DISCOVERY_PATHS },
};

/** What components write all day to say that they live. */
export function heartbeats(version: KubernetesVersion | undefined): readonly ReasonedRule[] {
  return [
    {
      why: 'Leader election and events of the control plane’s own processes.',
      rule: {
        level: 'None',
        users: CONTROL_PLANE,
        verbs: ['get', 'create', 'update', 'patch'],
        resources: [LEASES, ...EVENTS],
      },
    },
    {
      why: 'Leases of kubelets, controllers and operators. A person who takes over a lease is recorded.',
      rule: {
        level: 'None',
        userGroups: ['system:nodes', 'system:serviceaccounts'],
        verbs: ['get', 'create', 'update', 'patch'],
        resources: [LEASES],
      },
    },
    {
      why: 'Events that kubelets, controllers and operators write. Whoever deletes events is recorded.',
      rule: {
        level: 'None',
        userGroups: ['system:nodes', 'system:serviceaccounts'],
        verbs: ['create', 'update', 'patch'],
        resources: EVENTS,
      },
    },
    {
      why: 'Status that the control plane’s own processes write.',
      rule: { level: 'None', users: CONTROL_PLANE, verbs: ['update', 'patch'], resources: anyStatus(version) },
    },
    {
      why: 'Status that kubelets and the controllers in kube-system write. Status written by anybody else is recorded.',
      rule: {
        level: 'None',
        userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'],
        verbs: ['update', 'patch'],
        resources: anyStatus(version),
      },
    },
    {
      why: 'Endpoints, which follow from pods and services. Endpoints written by anybody else are recorded.',
      rule: {
        level: 'None',
        users: ENDPOINT_CONTROLLERS,
        resources: [
          { group: '', resources: ['endpoints'] },
          { group: 'discovery.k8s.io', resources: ['endpointslices'] },
        ],
      },
    },
  ];
}
