import { hash } from 'node:crypto';
import type { AuditEvent } from '@k8s-audit/audit-events';

/** SHA-256 cut to this; a million keys then collide by chance once in 10^26 windows. */
export const DEDUPE_KEY_BYTES = 16;

/**
 * One key for one event, whichever way it came: by the webhook, from the log file, or as a copy whose bodies the API server
 * cut. A client chooses the audit ID, the URI and much of the rest, but not the API server's microseconds, so that nobody
 * can suppress another's event; and the stages of one request have keys of their own.
 */
export function dedupeKey(cluster: string, event: AuditEvent): Buffer {
  const { user, impersonatedUser } = event;
  const parts = [
    cluster,
    event.auditID,
    event.stage,
    event.requestReceivedTimestamp,
    event.stageTimestamp,
    event.verb,
    event.requestURI,
    user.username ?? '',
    user.uid ?? '',
    impersonatedUser?.username ?? '',
    impersonatedUser?.uid ?? '',
    String(event.responseStatus?.code ?? ''),
  ];
  // Each part with its length: a separator could be part of what a client sends.
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  // By way of hex: half the time of a digest as a buffer, which allocates outside the pool.
  return Buffer.from(hash('sha256', text, 'hex').slice(0, 2 * DEDUPE_KEY_BYTES), 'hex');
}
