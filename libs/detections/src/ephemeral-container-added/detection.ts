import { PRIVILEGED_SESSION } from '../compliance.ts';
import { is, matchesNot } from '../condition/field-test.ts';
import type { Detection } from '../detection.ts';
import { DRY_RUN } from '../dry-run.ts';

const ADDED = { action: 'debug pods', verb: 'patch', responseStatus: { code: '200' } };

/** `kubectl debug`: a container that no manifest knows, in a pod that already runs. It can neither be removed nor restarted. */
export const ephemeralContainerAdded: Detection = {
  slug: 'ephemeral-container-added',
  title: 'Ephemeral container added to a pod',
  why: 'A container of anybody’s choice now shares the namespaces of a running pod: debugging, or a way in that needs no exec.',
  severity: 'medium',
  ruleOffset: 102,
  attack: ['T1609', 'T1611'],
  compliance: PRIVILEGED_SESSION,
  groups: ['k8s_session', 'k8s_ephemeral_container'],
  condition: [is('action', 'debug pods'), is('outcome', 'allowed'), is('stage', 'ResponseComplete'), matchesNot('requestURI', DRY_RUN)],
  description:
    'Kubernetes: $(k8s.user.username) added a container to the running pod $(k8s.objectRef.namespace)/$(k8s.objectRef.name) of $(k8s.cluster) from $(srcip)',
  needs: {
    level: 'Metadata',
    resources: [{ group: '', resources: ['pods/ephemeralcontainers'] }],
    verbs: ['patch', 'update'],
    stages: ['ResponseComplete'],
  },
  examples: [
    { title: 'kubectl debug', alerts: 102, k8s: ADDED },
    {
      title: 'an update by a service account',
      alerts: 102,
      k8s: { ...ADDED, verb: 'update', actor: 'service-account' },
    },
    { title: 'it is refused', alerts: 'none', k8s: { ...ADDED, outcome: 'forbidden', responseStatus: { code: '403' } } },
    { title: 'a dry run', alerts: 'none', k8s: { ...ADDED, requestURI: '/x?dryRun=All' } },
    { title: 'the request has only begun', alerts: 'none', k8s: { ...ADDED, stage: 'RequestReceived' } },
    { title: 'they are only read', alerts: 'none', k8s: { ...ADDED, action: 'get pods/ephemeralcontainers' } },
  ],
};
