import type { AuditEvent } from '@k8s-audit/audit-events';
import type { Enrichment } from '../enrichment.ts';

/** The object `k8s` of a wire event as a detection's condition looks into it: texts, lists of texts, and objects of them. */
export type WireFields = Readonly<Record<string, unknown>>;

/** The slugs of the detections that an event matches. Pure, called once an event: `detect` of @k8s-audit/detections. */
export type Detect = (k8s: WireFields) => readonly string[];

/** Which of the matched detections an exception of the configuration covers. */
export type Except = (k8s: WireFields, detections: readonly string[]) => readonly string[];

/**
 * The fields that conditions may ask for, by their names on the wire. Texts are whole: shortening and the replacement of
 * control characters come later and change no answer that a client could not have had by writing something shorter.
 */
export function wireFields(event: AuditEvent, enrichment: Enrichment, origin: { readonly cluster: string }, late: boolean): WireFields {
  const { responseStatus, annotations } = event;
  return {
    schema: '1',
    cluster: origin.cluster,
    action: enrichment.action,
    outcome: enrichment.outcome,
    actor: enrichment.actor,
    facts: enrichment.facts,
    excepted: '-',
    unseen: enrichment.unseen,
    late: String(late),
    level: event.level,
    auditID: event.auditID,
    stage: event.stage,
    requestURI: event.requestURI,
    verb: event.verb,
    user: event.user,
    impersonatedUser: event.impersonatedUser,
    userAgent: event.userAgent,
    objectRef: event.objectRef,
    responseStatus: responseStatus && { code: String(responseStatus.code), reason: responseStatus.reason, message: responseStatus.message },
    decision: annotations?.['authorization.k8s.io/decision'],
    decisionReason: annotations?.['authorization.k8s.io/reason'],
  };
}
