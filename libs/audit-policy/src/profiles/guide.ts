import type { Policy, PolicyRule } from '../model.ts';
import { type Profile, withComments } from './profile.ts';

/**
 * The policy of the guide "Auditing Kubernetes with Wazuh" as its author meant it.
 *
 * As published, `verbs` of the pods rule is indented below `resources`: kube-apiserver ignores it there and records
 * the whole body of every pod list. Here it stands where the sentence above the rule says it should.
 */
export const GUIDE: Profile = {
  name: 'guide',
  summary: 'what the hand-followed guide meant: pods changed in full, everything else without bodies',
  make: () => ({
    header: '',
    policy: {},
    rules: [
      {
        why: "Don't log requests to the following API endpoints",
        rule: { level: 'None', nonResourceURLs: ['/healthz*', '/logs', '/metrics', '/swagger*', '/version'] },
      },
      {
        why: 'Limit requests containing tokens to Metadata level so the token is not included in the log',
        rule: withoutReceived({ level: 'Metadata', resources: [{ group: 'authentication.k8s.io', resources: ['tokenreviews'] }] }),
      },
      {
        why: 'Extended audit of auth delegation',
        rule: withoutReceived({
          level: 'RequestResponse',
          resources: [{ group: 'authorization.k8s.io', resources: ['subjectaccessreviews'] }],
        }),
      },
      {
        why: 'Log changes to pods at RequestResponse level',
        rule: withoutReceived({
          level: 'RequestResponse',
          verbs: ['create', 'patch', 'update', 'delete'],
          resources: [{ group: '', resources: ['pods'] }],
        }),
      },
      { why: 'Log everything else at Metadata level', rule: withoutReceived({ level: 'Metadata' }) },
    ],
  }),
};

export const GUIDE_POLICY: Policy = withComments(GUIDE.make(undefined)).policy;

function withoutReceived(rule: PolicyRule): PolicyRule {
  return { ...rule, omitStages: ['RequestReceived'] };
}
