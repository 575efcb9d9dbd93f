import { ACTORS } from '../facts/actor.ts';
import { FACTS, MAX_FACT_BYTES } from '../facts/fact.ts';
import { OUTCOMES } from '../facts/outcome.ts';
import { LIMIT_STEPS } from './limits.ts';

/** One field of the wire event, version 1, by its name in Wazuh. */
export interface WireField {
  readonly name: string;
  /** `text` is one value, `list` an array of texts; there is nothing else. */
  readonly type: 'text' | 'list';
  /** In every event. Everything else is left out when it is empty, and a rule that negates it would then not match. */
  readonly always: boolean;
  /** Longest value, or all entries of a list together; undefined where the values are known. */
  readonly maxBytes?: number;
  readonly values?: readonly string[];
  readonly says: string;
}

const FULL = LIMIT_STEPS[0] as (typeof LIMIT_STEPS)[number];

/**
 * Every field, in the order of the wire. Closed: a test holds that nothing else is ever sent and that fields stay below 120,
 * far from the 256 after which wazuh-analysisd drops them. A later version of the schema may add fields; it changes none.
 */
export const WIRE_SCHEMA: readonly WireField[] = [
  known('apiVersion', ['audit.k8s.io/v1'], 'what rules of the first guide and index filters look for'),
  known('kind', ['Event'], 'always one event a message'),
  sometimes('srcip', 46, 'the rightmost source address that is no trusted proxy; absent when it is no address'),
  known('k8s.schema', ['1'], 'version of this schema; the mark that the base rule asks for'),
  always('k8s.cluster', 63, 'the cluster, by the identity that sent the event'),
  sometimes('k8s.apiServer', FULL.text, 'which API server of it, when the webhook’s path says so'),
  always(
    'k8s.action',
    FULL.text,
    'what the request does: `create deployments`, `exec pods` (whatever its verb), `approve certificatesigningrequests`, `get /healthz`',
  ),
  known('k8s.outcome', OUTCOMES, 'what became of it; `pending`: made before the API server decided'),
  known('k8s.actor', ACTORS, 'what kind of identity asked, impersonation aside'),
  ...Object.entries(FACTS).map(([name, says]) => sometimes(`k8s.facts.${name}`, MAX_FACT_BYTES, says)),
  list('k8s.detections', undefined, 'slugs of all detections that match; the rule that alerts is one of them', true),
  always('k8s.excepted', FULL.text, 'slugs that an exception covers, joined by a comma without a blank; `-` when there is none'),
  known(
    'k8s.unseen',
    ['none', 'request', 'response', 'request,response'],
    'bodies that the request had and the audit level did not record',
  ),
  known('k8s.late', ['true', 'false'], 'sent on long after it happened'),
  sometimes('k8s.level', FULL.text, 'audit level: `Metadata`, `Request`, `RequestResponse`'),
  always('k8s.auditID', FULL.text, 'the client may choose it'),
  sometimes('k8s.stage', FULL.text, '`RequestReceived`, `ResponseStarted`, `ResponseComplete`, `Panic`'),
  always('k8s.requestURI', FULL.text, 'path and query as sent, credentials taken out'),
  always('k8s.verb', FULL.text, 'the API’s verb; directly behind requestURI, where the first guide’s rules look for it'),
  ...user('k8s.user', 'who was authenticated; absent on a 401'),
  ...user('k8s.impersonatedUser', 'who they asked to be'),
  sometimes('k8s.authenticationMetadata.impersonationConstraint', FULL.text, 'how the impersonation was allowed (Kubernetes 1.35)'),
  list('k8s.sourceIPs', FULL.list, 'all addresses; only the last is not the client’s own claim, and it is the last to go'),
  sometimes('k8s.userAgent', FULL.text, 'the client can write anything here'),
  ...['resource', 'namespace', 'name', 'uid', 'apiGroup', 'apiVersion', 'resourceVersion', 'subresource'].map((part) =>
    sometimes(`k8s.objectRef.${part}`, FULL.text, `${part} of the object`),
  ),
  sometimes('k8s.responseStatus.code', 11, 'HTTP status, as text'),
  sometimes('k8s.responseStatus.reason', FULL.text, '`Forbidden`, `NotFound`, …'),
  sometimes('k8s.responseStatus.message', FULL.text, 'may repeat what the client sent'),
  sometimes('k8s.requestReceivedTimestamp', FULL.text, 'RFC 3339, microseconds'),
  sometimes('k8s.stageTimestamp', FULL.text, 'RFC 3339, microseconds'),
  sometimes('k8s.decision', FULL.text, 'of the authorizer: `allow`, `forbid`'),
  sometimes('k8s.decisionReason', FULL.text, 'binding and role that allowed it'),
  list('k8s.annotations', FULL.annotations, 'all other annotations, as `key=value`'),
  sometimes('k8s.request', FULL.bodies, 'request body as one JSON text, redacted, without managedFields; a JSON Patch is `{"patch": […]}`'),
  sometimes('k8s.response', FULL.bodies, 'response body; both together have one limit'),
  sometimes('k8s.trimmed', FULL.text, 'fields that were shortened or left out, joined by a comma'),
];

function known(name: string, values: readonly string[], says: string): WireField {
  return { name, type: 'text', always: true, values, says };
}

function always(name: string, maxBytes: number, says: string): WireField {
  return { name, type: 'text', always: true, maxBytes, says };
}

function sometimes(name: string, maxBytes: number, says: string): WireField {
  return { name, type: 'text', always: false, maxBytes, says };
}

function list(name: string, maxBytes: number | undefined, says: string, inEach = false): WireField {
  return { name, type: 'list', always: inEach, says, ...(maxBytes === undefined ? {} : { maxBytes }) };
}

function user(name: string, says: string): readonly WireField[] {
  return [
    sometimes(`${name}.username`, FULL.text, says),
    sometimes(`${name}.uid`, FULL.text, 'of that user'),
    list(`${name}.groups`, FULL.list, 'of that user'),
    list(`${name}.extra`, FULL.extra, 'of that user, as `key=value`'),
  ];
}
