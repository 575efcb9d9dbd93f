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
  setFlag(facts, 'dryRun', isDryRun(event));
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

/**
 * `All` is the only value there is; another one is refused. The body of a delete, when there is one, stands in place of its
 * query: as long as nobody saw whether there was one, a delete is no dry run, whatever its query says.
 */
function isDryRun(event: AuditEvent): boolean {
  const { requestObject, requestURI, verb } = event;
  if (verb === 'delete' || verb === 'deletecollection') {
    if (requestObject != null) return asTexts(at(requestObject, 'dryRun')).includes('All');
    if ((event.level !== 'Request' && event.level !== 'RequestResponse') || event.stage === 'RequestReceived' || wasCut(event))
      return false;
  }
  return MAY_NAME_DRY_RUN.test(requestURI) && queryValues(requestURI, 'dryRun').includes('All');
}

/** Its value, or escapes, one of which may be a letter of it. */
const MAY_NAME_DRY_RUN = /All|%/;

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
