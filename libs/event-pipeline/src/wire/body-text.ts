import type { AuditEvent, JsonObject, JsonValue } from '@k8s-audit/audit-events';
import { asObject } from '../facts/json-reading.ts';
import { shrunkJson } from './shrunk-json.ts';

export interface BodyTexts {
  readonly request: string | undefined;
  readonly response: string | undefined;
  /** Which of them are not whole. */
  readonly trimmed: readonly ('request' | 'response')[];
}

/**
 * Both bodies as compact JSON, together within `maxBytes`. What is in them without telling anything is always left out:
 * `managedFields`, and the copy that kubectl keeps of the object. A list is put in an object, because analysisd takes any
 * value that begins with a bracket apart into fields, whose types then fight in the index.
 */
export function bodyTexts(event: AuditEvent, maxBytes: number): BodyTexts {
  const request = textOf(event.requestObject);
  const response = textOf(event.responseObject);
  const [requestBytes, responseBytes] = [byteLength(request), byteLength(response)];
  if (requestBytes + responseBytes <= maxBytes) return { request, response, trimmed: [] };
  // What was asked goes before what was answered, but neither takes all of it.
  const half = Math.floor(maxBytes / 2);
  const requestShare = Math.max(half, maxBytes - responseBytes);
  const shortRequest = fitted(event.requestObject, request, requestBytes, requestShare);
  const shortResponse = fitted(event.responseObject, response, responseBytes, maxBytes - byteLength(shortRequest));
  const trimmed: ('request' | 'response')[] = [];
  if (shortRequest !== request) trimmed.push('request');
  if (shortResponse !== response) trimmed.push('response');
  return { request: shortRequest, response: shortResponse, trimmed };
}

function fitted(body: JsonValue | undefined, text: string | undefined, bytes: number, maxBytes: number): string | undefined {
  if (text === undefined || bytes <= maxBytes) return text;
  return shrunkJson(framed(body), maxBytes);
}

function textOf(body: JsonValue | undefined): string | undefined {
  return body == null ? undefined : JSON.stringify(framed(body));
}

function framed(body: JsonValue | undefined): JsonValue {
  if (Array.isArray(body)) return { patch: body };
  const object = asObject(body);
  return object === undefined ? (body ?? null) : withoutBookkeeping(object);
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function withoutBookkeeping(object: JsonObject): JsonObject {
  const items = object['items'];
  const metadata = asObject(object['metadata']);
  const annotations = asObject(metadata?.['annotations']);
  const isListed = Array.isArray(items) && items.length > 0;
  if (!isListed && metadata?.['managedFields'] === undefined && annotations?.[LAST_APPLIED] === undefined) return object;
  const copy: Record<string, JsonValue | undefined> = { ...object };
  if (isListed)
    copy['items'] = items.map((item) => (asObject(item) === undefined ? item : withoutBookkeeping(asObject(item) as JsonObject)));
  if (metadata !== undefined) {
    copy['metadata'] = { ...metadata, managedFields: undefined };
    if (annotations !== undefined) copy['metadata'] = { ...copy['metadata'], annotations: { ...annotations, [LAST_APPLIED]: undefined } };
  }
  return copy;
}

function byteLength(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text);
}
