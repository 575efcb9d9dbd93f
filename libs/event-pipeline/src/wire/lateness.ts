import type { AuditEvent } from '@k8s-audit/audit-events';

/** kube-apiserver delivers within 30 s by default and retries for some 90 s: five minutes old is a drained spool or a replay. */
export const LATE_AFTER_MS: number = 5 * 60_000;

/**
 * Whether the event happened long before it is sent on: a window in Wazuh counts arrivals, and must not take a drained
 * spool for a burst. By the stage's own time, because an exec of an hour is not late when it ends. A time that cannot be
 * read is not late.
 */
export function isLate(event: AuditEvent, nowMs: number, lateAfterMs: number = LATE_AFTER_MS): boolean {
  return nowMs - Date.parse(event.stageTimestamp || event.requestReceivedTimestamp) > lateAfterMs;
}
