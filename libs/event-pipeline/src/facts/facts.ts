import type { AuditEvent } from '@k8s-audit/audit-events';
import { admissionFacts } from './admission-facts.ts';
import { connectFacts } from './connect-facts.ts';
import { type FactDraft, type Facts, setFlag } from './fact.ts';
import { factBody, isOpaquePatch, storedObject } from './fact-body.ts';
import { identityFacts } from './identity-facts.ts';
import { objectFacts } from './object-facts.ts';
import { podFacts } from './pod-facts.ts';
import { rbacFacts } from './rbac-facts.ts';
import { requestFacts } from './request-facts.ts';

/** Everything that can be computed of one event alone. Works on the redacted event: no fact can repeat a credential. */
export function factsOf(event: AuditEvent): Facts {
  const facts: FactDraft = {};
  requestFacts(event, facts);
  if (event.annotations != null) admissionFacts(event, facts);
  if (event.objectRef === undefined) return facts;
  if (event.objectRef.subresource !== undefined) connectFacts(event, facts);
  const body = event.requestObject == null && event.responseObject == null ? undefined : factBody(event);
  if (body === undefined) return facts;
  if (Array.isArray(event.requestObject))
    setFlag(facts, 'opaquePatch', isOpaquePatch(event.requestObject) && storedObject(event) === undefined);
  podFacts(event, body, facts);
  rbacFacts(event, body, facts);
  identityFacts(event, body, facts);
  objectFacts(event, body, facts);
  return facts;
}
