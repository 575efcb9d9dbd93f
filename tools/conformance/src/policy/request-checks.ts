import { attributesOf, attributesOfEvent, readRequestInfo } from '@k8s-audit/audit-policy';
import { compare, type Difference, type Row } from './rows.ts';

type AuditEvent = Parameters<typeof attributesOfEvent>[0];

/** Every part that the API server reads out of a method and a URL. */
export function checkRequestInfo(row: Row): Difference | undefined {
  const reading = readRequestInfo(String(row['method']), String(row['url']));
  const expected = (row['requestInfo'] ?? {}) as Readonly<Record<string, unknown>>;
  const got = (reading.kind === 'request' ? reading.info : {}) as Readonly<Record<string, unknown>>;
  return compare(row, [
    ['the error', row['error'], reading.kind === 'broken' ? reading.message : undefined],
    ...Object.keys(expected).map((part) => [part, expected[part], got[part]] as const),
  ]);
}

/** What a policy sees of a request, found again in each of the events that were made of it. */
export function checkStages(row: Row): Difference | undefined {
  const reading = readRequestInfo(String(row['method']), String(row['url']));
  if (reading.kind === 'broken') return compare(row, [['the request', row['url'], reading]]);
  const events = row['events'] as readonly AuditEvent[];
  return compare(
    row,
    events.map((event) => [`the request of ${event.stage}`, attributesOf(reading.info, userOf(event)), attributesOfEvent(event)] as const),
  );
}

function userOf({ user }: AuditEvent): { readonly username: string; readonly groups: readonly string[] } | null {
  return user.username === undefined ? null : { username: user.username, groups: user.groups ?? [] };
}
