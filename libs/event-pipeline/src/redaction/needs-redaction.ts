import type { ItemMembers } from '@k8s-audit/audit-events';
import { mayHoldCredentials } from './redact-text.ts';
import { holdsCredentials } from './redact-uri.ts';
import { type RedactionPolicy, sensitiveResource } from './redaction-policy.ts';

/**
 * Whether an item may hold credentials, asked of every item on the accept path. Most are answered from a hundred bytes of
 * URI and annotations; only items with bodies are looked through, and only those that answer yes are ever parsed there.
 * Errs to yes. Give it to the scanner: `new EventListScanner({ isSensitive: (item, members) => needsRedaction(item, members, policy) })`.
 */
export function needsRedaction(item: Buffer, members: ItemMembers, policy: RedactionPolicy): boolean {
  let sensitiveObject: boolean | undefined;
  for (let index = 0; index < members.count; index += 1) {
    const from = members.valueStart(index);
    const to = members.valueEnd(index, item);
    if (to - from < SHORTEST_WORTH_A_LOOK_BYTES) continue;
    const key = item.toString('latin1', members.keyStart(index), members.keyEnd(index));
    switch (KNOWN_KEYS.get(key)) {
      case 'plain':
        break;
      case 'uri':
        if (uriHoldsCredentials(item.toString('latin1', from, to))) return true;
        break;
      case 'body':
        sensitiveObject ??= isSensitiveObject(item, members, policy);
        if (sensitiveObject || bodyMayHoldCredentials(item, from, to)) return true;
        break;
      default: {
        // No API server escapes a key; whoever does may be hiding a body behind it.
        if (key.includes('\\')) return true;
        const text = item.toString('latin1', from, to);
        if (mayHoldCredentials(text) || text.includes('patch.webhook.admission')) return true;
      }
    }
  }
  return false;
}

/** `""`, `{}`, a number, a short word. */
const SHORTEST_WORTH_A_LOOK_BYTES = 12;

const KNOWN_KEYS: ReadonlyMap<string, 'plain' | 'uri' | 'body'> = new Map([
  // The API server's own words, or looked up in its own tables.
  ...(['level', 'stage', 'verb', 'auditID', 'kind', 'apiVersion', 'requestReceivedTimestamp', 'stageTimestamp', 'sourceIPs'] as const).map(
    (key) => [key, 'plain'] as const,
  ),
  ['objectRef', 'plain'],
  ['requestURI', 'uri'],
  ['requestObject', 'body'],
  ['responseObject', 'body'],
]);

/** The value as it stands in the item: quoted, with Go's `\u0026` for `&`. */
function uriHoldsCredentials(raw: string): boolean {
  const text = raw.slice(raw.indexOf('"') + 1, raw.lastIndexOf('"')).replaceAll('\\u0026', '&');
  // Any other escape is none that an API server writes in a URI.
  return text.includes('\\') || holdsCredentials(text);
}

function isSensitiveObject(item: Buffer, members: ItemMembers, policy: RedactionPolicy): boolean {
  const index = members.find(item, 'objectRef');
  if (index < 0) return false;
  const region = item.toString('utf8', members.valueStart(index), members.valueEnd(index, item));
  // The region ends with the comma before the next key, or with the event's own brace.
  const text = region.slice(0, region.lastIndexOf(index + 1 < members.count ? ',' : '}'));
  try {
    const reference: unknown = JSON.parse(text);
    return typeof reference === 'object' && reference !== null && sensitiveResource(policy, reference) !== undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    throw error;
  }
}

/**
 * Credentials of a body under any resource have one of these in it. Chosen so that the first byte is rare in JSON of
 * Kubernetes: the search is a memchr, and all of them together cost less than a tenth of a parse.
 */
const BODY_MARKERS: readonly Buffer[] = [
  // Kinds, raw and in a JSON string: an object of another resource may carry a Secret, as `last-applied-configuration` does.
  'Secret"',
  'Secret\\"',
  'Secret\\n',
  'TokenRe',
  'Bearer ',
  'PRIVATE KEY',
  // `{"alg`, `{"typ`, `{"kid` in base64url: how a JSON web token begins.
  'JhbGci',
  'J0eXAi',
  'JraWQi',
  // `"env":[{` and the key `password`.
  'v":[{',
  'word"',
].map((text) => Buffer.from(text));

function bodyMayHoldCredentials(item: Buffer, from: number, to: number): boolean {
  const body = item.subarray(from, to);
  for (const marker of BODY_MARKERS) if (body.includes(marker)) return true;
  return false;
}
