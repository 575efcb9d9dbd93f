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
    switch (contentOf(item, members, index)) {
      case 'plain':
        break;
      case 'uri':
        if (uriHoldsCredentials(item.toString('latin1', from, to))) return true;
        break;
      case 'body':
        if (to - from < SHORTEST_BODY_BYTES) break;
        sensitiveObject ??= isSensitiveObject(item, members, policy);
        // A JSON Patch says by its pointers what it is about, and an export's string may hold anything.
        if (sensitiveObject || item[from] !== OPENING_BRACE || bodyMayHoldCredentials(item, from, to)) return true;
        break;
      case 'text':
        if (to - from < SHORTEST_TEXT_BYTES) break;
        if (textMayHoldCredentials(item.toString('latin1', from, to))) return true;
        break;
      case 'unknown':
        // No API server escapes a key; whoever does may be hiding a body behind it.
        if (item.toString('latin1', members.keyStart(index), members.keyEnd(index)).includes('\\')) return true;
        if (textMayHoldCredentials(item.toString('latin1', from, to))) return true;
    }
  }
  return false;
}

/** `null`, `{}`, a DeleteOptions of nothing. */
const SHORTEST_BODY_BYTES = 12;
/** `{"metadata":{},"code":200}` and the two annotations of every event without a reason. */
const SHORTEST_TEXT_BYTES = 40;

const OPENING_BRACE = 0x7b;

type Content = 'plain' | 'uri' | 'body' | 'text' | 'unknown';

/** `plain` are the API server's own words, and the names that rules, books and the dedupe key go by. */
const CONTENT: Readonly<Record<string, Content>> = {
  level: 'plain',
  auditID: 'plain',
  stage: 'plain',
  verb: 'plain',
  user: 'plain',
  impersonatedUser: 'plain',
  authenticationMetadata: 'plain',
  sourceIPs: 'plain',
  objectRef: 'plain',
  requestReceivedTimestamp: 'plain',
  stageTimestamp: 'plain',
  kind: 'plain',
  apiVersion: 'plain',
  requestURI: 'uri',
  userAgent: 'text',
  responseStatus: 'text',
  annotations: 'text',
  requestObject: 'body',
  responseObject: 'body',
};

/** By the length of the key: one comparison finds almost every member. */
const BY_LENGTH: readonly (readonly (readonly [string, Content])[])[] = Array.from({ length: 32 }, (_, length) =>
  Object.entries(CONTENT).filter(([key]) => key.length === length),
);

function contentOf(item: Buffer, members: ItemMembers, index: number): Content {
  const candidates = BY_LENGTH[members.keyEnd(index) - members.keyStart(index)];
  if (candidates !== undefined) {
    for (const candidate of candidates) if (members.hasKey(index, item, candidate[0])) return candidate[1];
  }
  return 'unknown';
}

function textMayHoldCredentials(text: string): boolean {
  if (isAuthorizationOnly(text)) return false;
  return mayHoldCredentials(text) || text.includes('patch.webhook.admission');
}

/** All that the annotations of most events say: which binding and role allowed it. No client's text. */
function isAuthorizationOnly(annotations: string): boolean {
  if (!annotations.startsWith(DECISION)) return false;
  const reason = annotations.indexOf(`${REASON}":"`, DECISION.length);
  return (
    reason >= 0 &&
    annotations.indexOf('":"', DECISION.length) === reason + REASON.length &&
    !annotations.includes('":"', reason + REASON.length + 1)
  );
}

const DECISION = '{"authorization.k8s.io/decision":"';
const REASON = 'authorization.k8s.io/reason';

/** The value as it stands in the item: quoted, with Go's `\u0026` for `&`. Any other escape is none that belongs in a URI. */
function uriHoldsCredentials(raw: string): boolean {
  if (!raw.includes('\\')) return holdsCredentials(raw);
  const text = raw.replaceAll('\\u0026', '&');
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
  // Kinds, raw, and in a string however often it was escaped: an object of another resource may carry a Secret, as `last-applied-configuration` does.
  'Secret"',
  'Secret\\',
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
