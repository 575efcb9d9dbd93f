import type { AuditEvent, UserInfo } from '@k8s-audit/audit-events';
import { clientFamily } from './client-family.ts';
import { type FactDraft, setFact, setFlag } from './fact.ts';
import { asTexts, at } from './json-reading.ts';
import { queryValues } from './query.ts';
import { sourceKind } from './source-kind.ts';
import { wasCut } from './unseen.ts';

/** What every event tells: reach, dry run, who, from where. */
export function requestFacts(event: AuditEvent, facts: FactDraft): void {
  const { objectRef, requestURI, userAgent } = event;
  if (objectRef?.resource !== undefined) {
    setFact(facts, 'scope', scopeOf(event));
    setFlag(facts, 'systemNamespace', SYSTEM_NAMESPACES.has(objectRef.namespace ?? ''));
  }
  if (requestURI.includes('dryRun'))
    setFlag(
      facts,
      'dryRun',
      queryValues(requestURI, 'dryRun').some((value) => value !== ''),
    );
  // The options of a delete may come in its body.
  else if (event.requestObject != null) setFlag(facts, 'dryRun', asTexts(at(event.requestObject, 'dryRun')).length > 0);
  if (requestURI.includes('fieldManager')) setFact(facts, 'fieldManager', queryValues(requestURI, 'fieldManager')[0]);
  setFlag(facts, 'truncated', wasCut(event));
  serviceAccountFacts(event, facts);
  if (event.impersonatedUser != null) {
    setFact(facts, 'impersonates', event.impersonatedUser.username);
    setFact(facts, 'impersonationRisk', impersonationRisk(event.impersonatedUser));
  }
  if (userAgent !== undefined) facts.client = clientFamily(userAgent);
  setFact(facts, 'source', sourceKind(event.sourceIPs?.at(-1)));
}

/** Namespaces that Kubernetes itself owns. */
const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

function scopeOf({ verb, objectRef }: AuditEvent): string | undefined {
  // The name of a new object may still be made by the API server.
  if (objectRef?.name || verb === 'create') return 'object';
  return objectRef?.namespace ? 'namespace' : 'cluster';
}

const SERVICE_ACCOUNT = 'system:serviceaccount:';

function serviceAccountFacts({ user, objectRef }: AuditEvent, facts: FactDraft): void {
  const name = user.username ?? '';
  if (!name.startsWith(SERVICE_ACCOUNT)) return;
  const namespace = name.slice(SERVICE_ACCOUNT.length, name.indexOf(':', SERVICE_ACCOUNT.length));
  setFact(facts, 'actorNamespace', namespace);
  const target = objectRef?.namespace ?? '';
  setFlag(facts, 'crossNamespace', target !== '' && target !== namespace);
}

function impersonationRisk(user: UserInfo): string | undefined {
  const name = user.username ?? '';
  if (user.groups?.includes('system:masters') === true) return 'masters';
  if (name.startsWith(SERVICE_ACCOUNT)) return 'service-account';
  if (name.startsWith('system:node:')) return 'node';
  return name.startsWith('system:') ? 'system' : undefined;
}
