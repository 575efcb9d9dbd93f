import type { AuditEvent } from '@k8s-audit/audit-events';

/**
 * What the request does, as `VERB RESOURCE`: the API's verb is not enough, because `kubectl exec` over a websocket is a
 * `get` and an approval is an `update`. For these the subresource is the verb: `exec pods`, `approve certificatesigningrequests`.
 * Otherwise `get pods`, `update pods/status`; without a resource `get /healthz` (path only).
 */
export function actionOf(event: AuditEvent): string {
  const { verb, objectRef } = event;
  if (objectRef?.resource === undefined) return `${verb} ${pathOf(event.requestURI)}`;
  const { resource, subresource } = objectRef;
  if (subresource === undefined || subresource === '') return `${verb} ${resource}`;
  if (CONNECTS.has(subresource)) return `${subresource} ${resource}`;
  const written = verb === 'get' || verb === 'list' || verb === 'watch' ? undefined : WRITES.get(`${resource}/${subresource}`);
  return written === undefined ? `${verb} ${resource}/${subresource}` : `${written} ${resource}`;
}

/** Whatever the verb: POST, or GET for a websocket. */
const CONNECTS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy', 'log']);

const WRITES: ReadonlyMap<string, string> = new Map([
  ['pods/ephemeralcontainers', 'debug'],
  ['pods/eviction', 'evict'],
  ['pods/binding', 'bind'],
  ['pods/resize', 'resize'],
  ['deployments/scale', 'scale'],
  ['statefulsets/scale', 'scale'],
  ['replicasets/scale', 'scale'],
  ['replicationcontrollers/scale', 'scale'],
  ['serviceaccounts/token', 'request-token'],
  ['certificatesigningrequests/approval', 'approve'],
  ['certificatesigningrequests/status', 'sign'],
  ['namespaces/finalize', 'finalize'],
]);

/** Long enough for every path of the API server's own. */
const MAX_PATH_CHARACTERS = 256;

function pathOf(uri: string): string {
  const query = uri.indexOf('?');
  return uri.slice(0, Math.min(query < 0 ? uri.length : query, MAX_PATH_CHARACTERS));
}
