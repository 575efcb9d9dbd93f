import { HEALTH_PROBES, heartbeats } from './noise.ts';
import type { Profile } from './profile.ts';
import { AUTHENTICATED, SESSIONS } from './subjects.ts';

/** As little as can be said to be an audit: changes, sessions, credentials, and everything anonymous or refused at the door. */
export const MINIMAL: Profile = {
  name: 'minimal',
  summary: 'changes, sessions, access to secrets, anonymous and failed logins; no other reads, no bodies',
  make: (version) => ({
    header: [
      'Audit policy "minimal" of k8s-audit: who changed what, who opened a session, who touched a secret; no bodies.',
      'Reading is not recorded (but for secrets): a look around in the cluster leaves no trace here.',
    ].join('\n'),
    policy: { omitStages: ['RequestReceived'] },
    rules: [
      {
        why: 'Credentials, read or written. Without bodies: the values are not in the log.',
        rule: {
          level: 'Metadata',
          resources: [
            { group: '', resources: ['secrets', 'serviceaccounts/token'] },
            { group: 'certificates.k8s.io', resources: ['certificatesigningrequests/*'] },
          ],
        },
      },
      {
        why: 'Sessions. Before the rule on reading: over a websocket an exec is a get.',
        rule: { level: 'Metadata', resources: SESSIONS },
      },
      HEALTH_PROBES,
      {
        why: 'Reading by anybody who is authenticated. What the anonymous user reads is recorded, and so is each failed authentication.',
        rule: { level: 'None', userGroups: AUTHENTICATED, verbs: ['get', 'list', 'watch', 'head'] },
      },
      ...heartbeats(version),
      {
        why: 'Questions whether somebody is who they say and may do something, which kubelets and add-ons ask all day.',
        rule: {
          level: 'None',
          userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'],
          verbs: ['create'],
          resources: [
            { group: 'authentication.k8s.io', resources: ['tokenreviews'] },
            { group: 'authorization.k8s.io', resources: ['subjectaccessreviews'] },
          ],
        },
      },
      { why: 'Every other change, by whomever.', rule: { level: 'Metadata' } },
    ],
  }),
};
