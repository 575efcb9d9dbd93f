import type { Trial } from './trial.ts';

export type Event = Readonly<Record<string, unknown>>;

/** An event that the oracle did not issue: of the row's own making. */
export function handMade(trial: Trial, name: string, more: Event = {}): Event {
  const at = new Date().toISOString().replace('Z', '000Z');
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: `${trial.oracle.series.token}/${name}`,
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/default/pods',
    verb: 'create',
    user: { username: 'hand-made' },
    sourceIPs: ['10.9.9.9'],
    userAgent: 'hand-made',
    responseStatus: { code: 201 },
    requestReceivedTimestamp: at,
    stageTimestamp: at,
    ...more,
  };
}

export const listOf = (events: readonly Event[]): string =>
  JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: events });

/** Forms that RFC 3339 allows and an API server never writes, and texts that are no time. */
export const ODD_TIMES: readonly string[] = [
  '2026-11-26T10:00:00Z',
  '2026-11-26T10:00:00.123456789Z',
  '2026-11-26T12:00:00.000001+02:00',
  '9999-12-31T23:59:59.999999Z',
  '1970-01-01T00:00:00.000000Z',
  '2038-01-19T03:14:08.000000Z',
  '2026-02-30T00:00:00.000000Z',
  'yesterday',
  '',
];
