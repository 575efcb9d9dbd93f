import { PRIVILEGED_SESSION } from '../compliance.ts';
import { is } from '../condition/field-test.ts';
import type { Detection } from '../detection.ts';

const STARTED = { action: 'exec pods', verb: 'get', stage: 'ResponseStarted', responseStatus: { code: '101' } };

/**
 * At ResponseStarted, which the API server writes for every exec and attach, over websocket (verb get) and SPDY (verb create) alike:
 * when the session begins, not when it ends hours later, and once. An authorised attempt that then failed (no such container,
 * the kubelet away) counts; a refused one is `request-denied`.
 */
export const execIntoPod: Detection = {
  slug: 'exec-into-pod',
  title: 'Exec or attach into a pod',
  why: 'Somebody works inside a running container: debugging, or the first thing an intruder does. What is typed there is in no audit log.',
  severity: 'medium',
  ruleOffset: 101,
  attack: ['T1609'],
  compliance: PRIVILEGED_SESSION,
  groups: ['k8s_session', 'k8s_exec'],
  condition: [is('action', 'exec pods', 'attach pods'), is('stage', 'ResponseStarted'), is('outcome', 'allowed', 'failed')],
  description:
    'Kubernetes: $(k8s.user.username) asked for a session in pod $(k8s.objectRef.namespace)/$(k8s.objectRef.name) of $(k8s.cluster) from $(srcip) ($(k8s.action), answer $(k8s.responseStatus.code))',
  needs: {
    level: 'Metadata',
    resources: [{ group: '', resources: ['pods/exec', 'pods/attach'] }],
    verbs: ['create', 'get'],
    stages: ['ResponseStarted'],
  },
  examples: [
    { title: 'an exec over websocket begins', alerts: 101, k8s: STARTED },
    { title: 'an exec over SPDY begins', alerts: 101, k8s: { ...STARTED, verb: 'create' } },
    { title: 'an attach begins', alerts: 101, k8s: { ...STARTED, action: 'attach pods' } },
    { title: 'a service account execs', alerts: 101, k8s: { ...STARTED, actor: 'service-account' } },
    { title: 'an allowed exec finds no kubelet', alerts: 101, k8s: { ...STARTED, outcome: 'failed', responseStatus: { code: '500' } } },
    { title: 'the same exec ends', alerts: 'none', k8s: { ...STARTED, stage: 'ResponseComplete' } },
    { title: 'the same exec is asked for', alerts: 'none', k8s: { ...STARTED, stage: 'RequestReceived' } },
    { title: 'the exec is refused', alerts: 'none', k8s: { ...STARTED, outcome: 'forbidden', responseStatus: { code: '403' } } },
    { title: 'logs are read', alerts: 'none', k8s: { ...STARTED, action: 'log pods', responseStatus: { code: '200' } } },
  ],
};
