import { createHash } from 'node:crypto';
import { type TextEdit, withEdits } from '@k8s-audit/text-edits';
import { type JsonNode, memberOf, readJsonTree, stringOf } from './json-tree.ts';
import { redactBody, redactString } from './redact-body.ts';
import { redactText } from './redact-text.ts';
import { redactUri } from './redact-uri.ts';
import { type RedactionPolicy, type SensitiveResource, sensitiveResource } from './redaction-policy.ts';

export interface RedactedItem {
  readonly bytes: Buffer;
  /** The members of the event in which something was replaced: `requestObject`, `annotations`, …; `*` for an unreadable item. */
  readonly redacted: readonly string[];
}

/**
 * The item without its credentials, before its first byte is written anywhere. Everything that is not replaced stays as it
 * came, number by number and escape by escape. What cannot be read cannot be cleaned: such an item becomes a note of its
 * size and SHA-256, which `parseAuditEvent` refuses, so that it ends in the quarantine and its text nowhere.
 */
export function redactItem(bytes: Uint8Array, policy: RedactionPolicy): RedactedItem {
  const original = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = original.toString();
  const event = readJsonTree(text);
  if (event?.kind !== 'object') return { bytes: unreadable(original), redacted: ['*'] };

  const resource = sensitiveResource(policy, referenceOf(text, memberOf(event, 'objectRef')));
  const edits: TextEdit[] = [];
  const redacted = new Set<string>();
  for (const { key, value } of event.members) {
    const found = editsOf(text, key, value, policy, resource);
    if (found.length > 0) redacted.add(key);
    for (const edit of found) edits.push(edit);
  }
  return edits.length === 0 ? { bytes: original, redacted: [] } : { bytes: Buffer.from(withEdits(text, edits)), redacted: [...redacted] };
}

function editsOf(
  text: string,
  key: string,
  value: JsonNode,
  policy: RedactionPolicy,
  resource: SensitiveResource | undefined,
): readonly TextEdit[] {
  if (UNTOUCHED.has(key)) return [];
  if (key === 'requestURI') return stringEdits(text, value, redactUri);
  if (BODIES.has(key)) {
    // A body that is a string was cut or packed by an export: it may be the object as JSON text.
    if (value.kind === 'string') return stringEdits(text, value, (body) => redactString(body, policy, resource));
    return redactBody(text, value, policy, resource);
  }
  if (key === 'annotations' && value.kind === 'object') {
    // `patch.webhook.admission.k8s.io/…` holds the patch that a webhook made to the object, as JSON text.
    return value.members.flatMap((entry) => stringEdits(text, entry.value, (body) => redactString(body, policy, resource)));
  }
  return leaves(value).flatMap((leaf) => stringEdits(text, leaf, redactText));
}

/** What names the request and the people, and what the API server took from its own tables: changing it would break rules and books. */
const UNTOUCHED: ReadonlySet<string> = new Set([
  'kind',
  'apiVersion',
  'user',
  'impersonatedUser',
  'authenticationMetadata',
  'level',
  'auditID',
  'stage',
  'verb',
  'objectRef',
  'sourceIPs',
  'requestReceivedTimestamp',
  'stageTimestamp',
]);
const BODIES: ReadonlySet<string> = new Set(['requestObject', 'responseObject']);

function stringEdits(text: string, node: JsonNode, clean: (value: string) => string): readonly TextEdit[] {
  const value = stringOf(text, node);
  if (value === undefined) return [];
  const cleaned = clean(value);
  return cleaned === value ? [] : [{ start: node.start, end: node.end, text: JSON.stringify(cleaned) }];
}

function leaves(root: JsonNode): readonly JsonNode[] {
  const found: JsonNode[] = [];
  const open: JsonNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'object') for (const member of node.members) open.push(member.value);
    else if (node.kind === 'array') for (const item of node.items) open.push(item);
    else found.push(node);
  }
  return found;
}

function referenceOf(text: string, node: JsonNode | undefined): { resource: string; subresource: string; apiGroup: string } {
  const part = (key: string): string => stringOf(text, memberOf(node, key)) ?? '';
  return { resource: part('resource'), subresource: part('subresource'), apiGroup: part('apiGroup') };
}

function unreadable(original: Buffer): Buffer {
  const sha256 = createHash('sha256').update(original).digest('hex');
  return Buffer.from(JSON.stringify({ unreadable: { byteLength: original.length, sha256 } }));
}
