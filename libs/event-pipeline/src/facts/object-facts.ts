import type { AuditEvent, JsonObject } from '@k8s-audit/audit-events';
import { isCredentialName } from '../redaction/redact-text.ts';
import { type FactDraft, setFact, setFlag } from './fact.ts';
import { asObject, asObjects, asText, asTexts, at } from './json-reading.ts';

/** Objects that open a door or guard one. */
export function objectFacts({ objectRef, verb }: AuditEvent, body: JsonObject, facts: FactDraft): void {
  if ((objectRef?.subresource ?? '') !== '') return;
  switch (objectRef?.resource) {
    case 'mutatingwebhookconfigurations':
    case 'validatingwebhookconfigurations':
      setFact(facts, 'webhookRisks', webhookRisks(asObjects(body['webhooks'])));
      return;
    case 'services':
      setFact(facts, 'exposure', exposure(body));
      return;
    case 'ingresses':
      // A patch that does not speak of TLS says nothing about it.
      setFlag(
        facts,
        'ingressWithoutTls',
        verb !== 'patch' && asObject(body['spec']) !== undefined && asObjects(at(body, 'spec', 'tls')).length === 0,
      );
      return;
    case 'namespaces':
      setFact(facts, 'podSecurityLabel', asText(at(body, 'metadata', 'labels', 'pod-security.kubernetes.io/enforce')));
      return;
    case 'configmaps':
      setFact(
        facts,
        'configMapCredentials',
        Object.keys(asObject(body['data']) ?? {})
          .filter(isCredentialName)
          .join(','),
      );
      return;
    default:
  }
}

function webhookRisks(webhooks: readonly JsonObject[]): string {
  const risks = new Set<string>();
  for (const webhook of webhooks) {
    const rules = asObjects(webhook['rules']);
    const resources = rules.flatMap((rule) => asTexts(rule['resources']));
    if (resources.some((resource) => resource === '*' || resource === '*/*')) risks.add('wildcard');
    if (resources.some((resource) => resource === 'secrets' || resource === 'secrets/*')) risks.add('secrets');
    if (asText(at(webhook, 'clientConfig', 'url')) !== undefined) risks.add('external-url');
    if (webhook['failurePolicy'] === 'Ignore') risks.add('ignores-failure');
  }
  return [...risks].join(',');
}

function exposure(body: JsonObject): string {
  const type = asText(at(body, 'spec', 'type')) ?? '';
  const ways = type === 'NodePort' || type === 'LoadBalancer' ? [type] : [];
  return [...ways, ...(asTexts(at(body, 'spec', 'externalIPs')).length > 0 ? ['externalIPs'] : [])].join(',');
}
