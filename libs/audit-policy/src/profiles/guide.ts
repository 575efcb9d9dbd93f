import type { PolicyComments } from '../comments.ts';
import type { Policy, PolicyRule } from '../model.ts';

/**
 * The policy of the guide "Auditing Kubernetes with Wazuh" as its author meant it.
 *
 * As published, `verbs` of the pods rule is indented below `resources`: kube-apiserver ignores it there and records
 * the whole body of every pod list. Here it stands where the sentence above the rule says it should.
 */
export const GUIDE_POLICY: Policy = {
  rules: [
    { level: 'None', nonResourceURLs: ['/healthz*', '/logs', '/metrics', '/swagger*', '/version'] },
    withoutReceived({ level: 'Metadata', resources: [{ group: 'authentication.k8s.io', resources: ['tokenreviews'] }] }),
    withoutReceived({ level: 'RequestResponse', resources: [{ group: 'authorization.k8s.io', resources: ['subjectaccessreviews'] }] }),
    withoutReceived({
      level: 'RequestResponse',
      verbs: ['create', 'patch', 'update', 'delete'],
      resources: [{ group: '', resources: ['pods'] }],
    }),
    withoutReceived({ level: 'Metadata' }),
  ],
};

export const GUIDE_COMMENTS: PolicyComments = {
  rules: [
    "Don't log requests to the following API endpoints",
    'Limit requests containing tokens to Metadata level so the token is not included in the log',
    'Extended audit of auth delegation',
    'Log changes to pods at RequestResponse level',
    'Log everything else at Metadata level',
  ],
};

function withoutReceived(rule: PolicyRule): PolicyRule {
  return { ...rule, omitStages: ['RequestReceived'] };
}
