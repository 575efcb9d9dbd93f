import type { AuditEvent } from '@k8s-audit/audit-events';
import { type FactDraft, setFact, setFlag } from './fact.ts';

/** What admission wrote into the annotations and into the answer. Keys: k8s.io/apiserver v0.36.3 (docs/reference names each). */
export function admissionFacts(event: AuditEvent, facts: FactDraft): void {
  const failedOpen: string[] = [];
  for (const key in event.annotations) {
    if (key.startsWith('authorization.k8s.io/')) continue;
    const value = event.annotations[key] ?? '';
    if (key.startsWith('failed-open.')) failedOpen.push(value);
    else if (key === 'k8s.io/deprecated') setFlag(facts, 'deprecated', value === 'true');
    else if (key === 'k8s.io/removed-release') setFact(facts, 'removedRelease', value);
    else if (key === 'pod-security.kubernetes.io/enforce-policy') setFact(facts, 'podSecurity', value);
    else if (key === 'pod-security.kubernetes.io/audit-violations') setFact(facts, 'podSecurityViolations', value);
    else if (key === 'pod-security.kubernetes.io/exempt') setFact(facts, 'podSecurityExempt', value);
    else if (key === 'validation.policy.admission.k8s.io/validation_failure') setFlag(facts, 'policyViolation', value !== '');
  }
  if (failedOpen.length > 0) setFact(facts, 'failedOpen', failedOpen.join(','));
  const message = event.responseStatus?.message;
  if (message !== undefined && (event.responseStatus?.code ?? 0) >= 400) setFact(facts, 'deniedBy', denierOf(message));
}

/** The API server's own words in front of what the webhook or policy says; a client's text cannot come before them. */
function denierOf(message: string): string | undefined {
  const webhook = /^admission webhook "([^"]{1,253})" denied the request/.exec(message)?.[1];
  if (webhook !== undefined) return webhook;
  const policy = /ValidatingAdmissionPolicy '([^']{1,253})' with binding '[^']{1,253}' denied request/.exec(message)?.[1];
  if (policy !== undefined) return policy;
  return /violates PodSecurity "([^"]{1,64})"/.test(message) ? 'PodSecurity' : undefined;
}
