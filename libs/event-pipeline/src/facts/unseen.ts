import type { AuditEvent } from '@k8s-audit/audit-events';

/** Which bodies this request has or had, and the event does not show. */
export type Unseen = 'none' | 'request' | 'response' | 'request,response';

/**
 * A body that the audit level did not record is not an absent field: a rule that looks for `privileged` must know whether
 * there was anything to look at. Bodies that never exist (of a get, an exec, a path without a resource) are not unseen.
 */
export function unseenOf(event: AuditEvent): Unseen {
  const { level, stage, verb } = event;
  if (event.objectRef?.resource === undefined || CONNECTS.has(event.objectRef.subresource ?? '')) return 'none';
  const mayRecord = stage !== 'RequestReceived' && !wasCut(event);
  const requestRecorded = mayRecord && (level === 'Request' || level === 'RequestResponse');
  const responseRecorded = mayRecord && level === 'RequestResponse';
  const request = SENDS_BODY.has(verb) && !requestRecorded && event.requestObject == null;
  const response = stage === 'ResponseComplete' && verb !== 'watch' && !responseRecorded && event.responseObject == null;
  if (request) return response ? 'request,response' : 'request';
  return response ? 'response' : 'none';
}

/** By the API server (`--audit-webhook-truncate-enabled`) or by our scanner. */
export function wasCut(event: AuditEvent): boolean {
  return event.omittedBodies !== undefined || event.annotations?.['audit.k8s.io/truncated'] === 'true';
}

const SENDS_BODY: ReadonlySet<string> = new Set(['create', 'update', 'patch']);
const CONNECTS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy', 'log']);
