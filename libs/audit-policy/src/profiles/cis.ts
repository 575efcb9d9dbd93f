import type { Profile } from './profile.ts';
import { CREDENTIALS, SESSIONS, WORKLOADS } from './subjects.ts';

/** CIS Kubernetes Benchmark v1.11, 3.2.2 (manual there): what a policy has to cover, said so that an auditor finds each line. */
export const CIS: Profile = {
  name: 'cis',
  summary: 'CIS Kubernetes Benchmark 3.2.2: every line of it, nothing left out',
  make: () => ({
    header: [
      'Audit policy "cis" of k8s-audit: the key security concerns of the CIS Kubernetes Benchmark v1.11, 3.2.2.',
      'No request is left out, so it is loud: "recommended" records less. 1.2.16 to 1.2.19 ask for a log file besides:',
      '--audit-log-path, --audit-log-maxage=30, --audit-log-maxbackup=10, --audit-log-maxsize=100.',
    ].join('\n'),
    policy: { omitStages: ['RequestReceived'], omitManagedFields: true },
    rules: [
      {
        why: 'Access to Secrets, ConfigMaps and TokenReviews, and to what else makes tokens: at Metadata only, so that no credential is in the log.',
        rule: { level: 'Metadata', resources: CREDENTIALS },
      },
      {
        why: 'Use of pods/exec, pods/portforward, pods/proxy and services/proxy, and of their likes.',
        rule: { level: 'Metadata', resources: SESSIONS },
      },
      {
        why: 'Modification of pods and deployments, and of what else runs containers: with what was sent.',
        rule: { level: 'Request', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'], resources: WORKLOADS },
      },
      { why: 'For most requests Metadata is recommended as the most basic level: every other request.', rule: { level: 'Metadata' } },
    ],
  }),
};
