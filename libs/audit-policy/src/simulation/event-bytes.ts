import { type AuditEvent, LEVELS, type Level } from '@k8s-audit/audit-events';
import type { RequestAttributes } from '../model.ts';
import { isLongRunning } from '../request-info/stages.ts';

/** How large an event would be at another level than the one at which it was recorded. */
export interface EventBytes {
  /** Bytes of JSON without any body that the recording lacks. */
  readonly known: number;
  /** It would hold a body that the recording lacks: `known` is too little by nobody knows how much. */
  readonly unknownBody: boolean;
}

/**
 * Estimates an event's size at a level. Bodies that go are taken off as they would be written again, `managedFields`
 * with them where the policy leaves those out; a body that was not recorded cannot be guessed and is said to be unknown.
 */
export function bytesAt(
  level: Level,
  omitManagedFields: boolean,
  event: AuditEvent,
  recordedBytes: number,
  request: RequestAttributes,
): EventBytes {
  let known = recordedBytes + (level.length - event.level.length);
  let unknownBody = false;
  for (const body of BODIES) {
    const isKept = LEVELS.indexOf(level) >= LEVELS.indexOf(body.from);
    if (event[body.name] !== undefined) {
      if (!isKept) known -= memberBytes(body.name, event[body.name]);
      else if (omitManagedFields) known -= managedFieldsBytes(event[body.name]);
    } else if (isKept && body.mayExist(event, request) && LEVELS.indexOf(event.level as Level) < LEVELS.indexOf(body.from))
      unknownBody = true;
  }
  return { known: Math.max(0, known), unknownBody };
}

const BODIES = [
  {
    name: 'requestObject',
    from: 'Request',
    mayExist: (event: AuditEvent, request: RequestAttributes): boolean => hasBodies(event, request) && WRITES.has(request.verb),
  },
  { name: 'responseObject', from: 'RequestResponse', mayExist: hasBodies },
] as const;

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Bodies are known at the end of a request, and only of resources; streams have none. */
function hasBodies(event: AuditEvent, request: RequestAttributes): boolean {
  return request.resourceRequest && !isLongRunning(request) && event.stage === 'ResponseComplete';
}

function memberBytes(name: string, body: unknown): number {
  return Buffer.byteLength(JSON.stringify(body)) + name.length + '"":,'.length;
}

function managedFieldsBytes(body: unknown): number {
  const whole = JSON.stringify(body);
  if (!whole.includes('"managedFields"')) return 0;
  return whole.length - JSON.stringify(body, (key, value: unknown) => (key === 'managedFields' ? undefined : value)).length;
}
