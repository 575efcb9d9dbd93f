import type { AuditEvent, JsonObject } from '@k8s-audit/audit-events';
import { type FactDraft, setFact, setFlag } from './fact.ts';
import { asObjects, asText, asTexts, at } from './json-reading.ts';

/** New identities: certificates that are asked for and approved, tokens of service accounts. */
export function identityFacts({ objectRef, verb }: AuditEvent, body: JsonObject, facts: FactDraft): void {
  if (objectRef?.resource === 'certificatesigningrequests') {
    certificateFacts(body, facts, objectRef.subresource === 'approval');
  } else if (objectRef?.resource === 'serviceaccounts' && objectRef.subresource === 'token' && verb === 'create') {
    const seconds = at(body, 'spec', 'expirationSeconds');
    setFact(facts, 'tokenSeconds', typeof seconds === 'number' ? String(seconds) : undefined);
    setFact(facts, 'tokenAudiences', asTexts(at(body, 'spec', 'audiences')).join(','));
  }
}

function certificateFacts(body: JsonObject, facts: FactDraft, isApproval: boolean): void {
  setFact(facts, 'csrSigner', asText(at(body, 'spec', 'signerName')));
  // The request itself is redacted before it is stored; its subject is what the redaction leaves.
  const subject = /^\[redacted\] subject: (.*)$/s.exec(asText(at(body, 'spec', 'request')) ?? '')?.[1];
  setFact(facts, 'csrSubject', subject);
  setFlag(facts, 'csrPrivileged', subject !== undefined && /(?:^|,)O=system:masters(?:,|$)|(?:^|,)CN=system:/.test(subject));
  if (!isApproval) return;
  const conditions = asObjects(at(body, 'status', 'conditions')).map((condition) => asText(condition['type']));
  if (conditions.includes('Denied')) setFact(facts, 'csrApproval', 'denied');
  else if (conditions.includes('Approved')) setFact(facts, 'csrApproval', 'approved');
}
