import type { AuditEvent } from '@k8s-audit/audit-events';

/** A person's allowed request, complete; `more` changes it. */
export function auditEvent(more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    level: 'RequestResponse',
    auditID: '6ae321a6-0735-41a6-a9d9-050f9a75644c',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/default/pods',
    verb: 'create',
    user: { username: 'alice', groups: ['system:authenticated'] },
    sourceIPs: ['10.0.0.7'],
    userAgent: 'kubectl/v1.35.4 (linux/amd64) kubernetes/8adc0f0',
    objectRef: { resource: 'pods', namespace: 'default', name: 'web', apiVersion: 'v1' },
    responseStatus: { code: 201 },
    requestReceivedTimestamp: '2026-11-08T15:45:13.929428Z',
    stageTimestamp: '2026-11-08T15:45:13.946284Z',
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    ...more,
  };
}
