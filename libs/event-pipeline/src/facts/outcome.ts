import type { AuditEvent } from '@k8s-audit/audit-events';

/** What became of the request. `pending`: the event was made before the API server decided. */
export type Outcome = 'allowed' | 'forbidden' | 'unauthenticated' | 'failed' | 'pending';
export const OUTCOMES: readonly Outcome[] = ['allowed', 'forbidden', 'unauthenticated', 'failed', 'pending'];

/**
 * `forbidden` is RBAC's no and an admission controller's alike; `failed` is everything that was let in and went wrong
 * (conflict, not found, invalid, error of the server). A 401 is only ever a `ResponseStarted`.
 */
export function outcomeOf(event: AuditEvent): Outcome {
  const code = event.responseStatus?.code ?? 0;
  if (code === 401) return 'unauthenticated';
  if (code === 403 || event.annotations?.['authorization.k8s.io/decision'] === 'forbid') return 'forbidden';
  if (code >= 400 || event.stage === 'Panic') return 'failed';
  return event.stage === 'RequestReceived' ? 'pending' : 'allowed';
}
