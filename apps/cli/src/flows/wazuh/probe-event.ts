import type { AuditEvent } from '@k8s-audit/audit-events';
import { detect } from '@k8s-audit/detections';
import { NO_TRUSTED_PROXIES, shapeWireEvent } from '@k8s-audit/event-pipeline';

/** What the receiver would send for a deployment that somebody creates: the rules must make an alert of it. */
export function probeEvent(nowMs: number): string {
  const at = new Date(nowMs).toISOString().replace('Z', '000Z');
  const event: AuditEvent = {
    level: 'Metadata',
    auditID: 'k8s-audit-probe',
    stage: 'ResponseComplete',
    requestURI: '/apis/apps/v1/namespaces/k8s-audit-probe/deployments',
    verb: 'create',
    user: { username: 'k8s-audit-probe', groups: ['system:authenticated'] },
    sourceIPs: ['127.0.0.1'],
    userAgent: 'k8s-audit',
    objectRef: { resource: 'deployments', namespace: 'k8s-audit-probe', name: 'probe', apiGroup: 'apps', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestReceivedTimestamp: at,
    stageTimestamp: at,
  };
  return shapeWireEvent(event, { cluster: 'k8s-audit-probe', nowMs, trustedProxies: NO_TRUSTED_PROXIES, budgetBytes: 60_000, detect }).json;
}
