import { AUTHENTICATION_FAILURE } from '../compliance.ts';
import { is } from '../condition/field-test.ts';
import type { Detection } from '../detection.ts';

const REFUSED = { outcome: 'unauthenticated', stage: 'ResponseStarted', responseStatus: { code: '401' } };

/**
 * The API server writes a failed authentication as one ResponseStarted with an empty user, and nothing else. A policy that omits that
 * stage, or a rule that waits for ResponseComplete, never sees one.
 */
export const authenticationFailed: Detection = {
  slug: 'authentication-failed',
  title: 'Authentication failed',
  why: 'A token or certificate was expired, revoked, guessed or stolen from another cluster, or somebody looks whether the door is open.',
  severity: 'low',
  ruleOffset: 401,
  attack: ['T1110', 'T1078'],
  compliance: AUTHENTICATION_FAILURE,
  // `authentication_failed` is the group that Wazuh's own dashboards count.
  groups: ['k8s_identity', 'authentication_failed'],
  condition: [is('outcome', 'unauthenticated'), is('stage', 'ResponseStarted')],
  description: 'Kubernetes: authentication from $(srcip) failed on $(k8s.cluster): $(k8s.action) ($(k8s.responseStatus.message))',
  needs: { level: 'Metadata', resources: '*', verbs: '*', stages: ['ResponseStarted'], users: 'unauthenticated' },
  examples: [
    { title: 'an unknown token', alerts: 401, k8s: REFUSED },
    { title: 'no credentials at all', alerts: 401, k8s: { ...REFUSED, action: 'get /', actor: 'anonymous' } },
    { title: 'a wrong token asks for an exec', alerts: 401, k8s: { ...REFUSED, action: 'exec pods' } },
    { title: 'an aggregated API answers 401 to a known user', alerts: 'none', k8s: { ...REFUSED, stage: 'ResponseComplete' } },
    {
      title: 'a known user opens a session',
      alerts: 'none',
      k8s: { ...REFUSED, action: 'exec pods', outcome: 'allowed', responseStatus: { code: '101' } },
    },
    { title: 'a known user may not', alerts: 'none', k8s: { outcome: 'forbidden', responseStatus: { code: '403' } } },
    { title: 'everything is in order', alerts: 'none', k8s: { action: 'list nodes', verb: 'list', responseStatus: { code: '200' } } },
  ],
};
