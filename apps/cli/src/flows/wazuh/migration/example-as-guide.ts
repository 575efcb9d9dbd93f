import { shapeGuideEvent } from '@k8s-audit/event-pipeline';
import { frame, jsonBudget, MANAGER_MAX_DATAGRAM_BYTES, PLAIN_LOCATION } from '@k8s-audit/wazuh-message';

/** What the wire event keeps of the audit event by its own name, in the order of the API server. */
const KEPT = [
  'level',
  'auditID',
  'stage',
  'requestURI',
  'verb',
  'user',
  'impersonatedUser',
  'sourceIPs',
  'userAgent',
  'objectRef',
  'responseStatus',
] as const;

/** Examples say what was done by the action; of an ordinary one that is the verb, and a scale is written. */
const VERBS: readonly string[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

/**
 * An example of the pack as the guide's receiver would have sent it: the wire event's way back to the audit event, which is where its
 * fields are from.
 *
 * @param message `1:k8s:` and the wire event
 */
export function guideDatagramOf(message: string): Uint8Array {
  const { k8s } = JSON.parse(message.slice(message.indexOf('{'))) as { readonly k8s: Readonly<Record<string, unknown>> };
  const body = (name: string): unknown => (typeof k8s[name] === 'string' ? JSON.parse(k8s[name]) : undefined);
  const event = {
    ...Object.fromEntries(KEPT.map((name) => [name, k8s[name]])),
    verb: verbOf(k8s),
    requestObject: body('request'),
    responseObject: body('response'),
  };
  const budgetBytes = jsonBudget(PLAIN_LOCATION, MANAGER_MAX_DATAGRAM_BYTES);
  return frame(PLAIN_LOCATION, shapeGuideEvent(Buffer.from(JSON.stringify(event)), { budgetBytes }).json);
}

function verbOf({ action, verb }: Readonly<Record<string, unknown>>): unknown {
  const done = String(action).split(' ', 1)[0] as string;
  if (done === 'scale') return 'update';
  return VERBS.includes(done) ? done : verb;
}
