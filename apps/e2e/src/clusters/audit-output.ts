import type { AuditEvent } from '@k8s-audit/audit-events';

/** The audit events in an API server's standard output, where they stand between the lines of its log. */
export function auditEventsOf(output: string): readonly AuditEvent[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"kind":"Event","apiVersion":"audit.k8s.io/v1"'))
    .map((line) => JSON.parse(line) as AuditEvent);
}
