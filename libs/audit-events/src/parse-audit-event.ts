import type { AuditEvent } from './audit-event.ts';

export type ParsedEvent = { readonly kind: 'event'; readonly event: AuditEvent } | { readonly kind: 'refused'; readonly reason: string };

/**
 * Reads one event. Unknown fields are kept and bodies may be of any JSON type; a known field of another type than the API
 * server's is refused, because everything behind this line relies on it. Fields that Go always writes but hand-made events
 * lack (`verb`, `user`, …) become empty. Bytes that are no UTF-8 become U+FFFD.
 */
export function parseAuditEvent(bytes: Uint8Array): ParsedEvent {
  const text = Buffer.isBuffer(bytes) ? bytes.toString() : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'refused', reason: 'not JSON' };
    throw error;
  }
  return checkAuditEvent(value);
}

/** The same check for a value that was parsed elsewhere, as by an adapter of a cloud's export. Completes missing fields in place. */
export function checkAuditEvent(value: unknown): ParsedEvent {
  if (!isObject(value)) return { kind: 'refused', reason: 'not an object' };
  const reason = oddField(value);
  if (reason !== undefined) return { kind: 'refused', reason };
  for (const name of ALWAYS_STRINGS) value[name] ??= '';
  value['user'] ??= {};
  return { kind: 'event', event: value as unknown as AuditEvent };
}

const ALWAYS_STRINGS = ['level', 'stage', 'requestURI', 'verb', 'requestReceivedTimestamp', 'stageTimestamp'] as const;
const OPTIONAL_STRINGS = ['kind', 'apiVersion', 'userAgent', 'omittedBodies'] as const;
const REFERENCE_STRINGS = ['resource', 'namespace', 'name', 'uid', 'apiGroup', 'apiVersion', 'resourceVersion', 'subresource'] as const;
const STATUS_STRINGS = ['status', 'message', 'reason'] as const;

function oddField(event: Record<string, unknown>): string | undefined {
  if (typeof event['auditID'] !== 'string' || event['auditID'] === '') return 'no auditID';
  return (
    oddString(event, ALWAYS_STRINGS) ??
    oddString(event, OPTIONAL_STRINGS) ??
    oddUser(event, 'user') ??
    oddUser(event, 'impersonatedUser') ??
    (isOptional(event['sourceIPs'], isStrings) ? undefined : 'sourceIPs is not a list of strings') ??
    oddObject(event, 'objectRef', REFERENCE_STRINGS) ??
    oddObject(event, 'responseStatus', STATUS_STRINGS) ??
    oddCode(event['responseStatus']) ??
    oddObject(event, 'authenticationMetadata', ['impersonationConstraint']) ??
    (isOptional(event['annotations'], isStringMap) ? undefined : 'annotations is not a map of strings')
  );
}

function oddString(object: Record<string, unknown>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = object[name];
    if (value !== undefined && typeof value !== 'string') {
      if (value !== null) return `${name} is not a string`;
      delete object[name];
    }
  }
  return undefined;
}

function oddObject(event: Record<string, unknown>, name: string, strings: readonly string[]): string | undefined {
  const value = event[name];
  if (value === undefined) return undefined;
  if (value === null) {
    delete event[name];
    return undefined;
  }
  if (!isObject(value)) return `${name} is not an object`;
  const odd = oddString(value, strings);
  return odd === undefined ? undefined : `${name}.${odd}`;
}

function oddCode(status: unknown): string | undefined {
  return isObject(status) && !isOptional(status['code'], Number.isInteger) ? 'responseStatus.code is not an integer' : undefined;
}

function oddUser(event: Record<string, unknown>, name: string): string | undefined {
  const odd = oddObject(event, name, ['username', 'uid']);
  const user = event[name];
  if (odd !== undefined || !isObject(user)) return odd;
  if (!isOptional(user['groups'], isStrings)) return `${name}.groups is not a list of strings`;
  return isOptional(user['extra'], isStringsMap) ? undefined : `${name}.extra is not a map of lists of strings`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Go writes `null` for an empty slice or map. */
function isOptional(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || value === null || check(value);
}

function isStrings(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (const entry of value) if (typeof entry !== 'string') return false;
  return true;
}

function isStringMap(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const key in value) if (typeof value[key] !== 'string') return false;
  return true;
}

function isStringsMap(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const key in value) if (!isOptional(value[key], isStrings)) return false;
  return true;
}
