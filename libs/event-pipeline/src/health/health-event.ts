import { cutToBytes, quoted } from '../wire/json-text.ts';
import type { WireField } from '../wire/wire-schema.ts';

/** What the pipeline reports about itself, and what each means. The rules 1189xx of the pack `core` are made from the same list. */
export const HEALTH_KINDS = {
  'cluster-silent': 'no event came from a cluster for `health.silentMinutes`: it is down, cut off, or its audit was switched off',
  'apiserver-silent': 'no event came from one API server of a cluster whose others are heard',
  'apiserver-drops': 'an API server dropped events before it could send them, by its own counters (`health.apiServers`)',
  'clients-refused': 'clients were turned away: strangers, revoked or ended credentials, a cluster that is not theirs',
  'spool-filling': 'events wait on disk, `spool.warnAtShare` of `spool.maxBytes` or more: Wazuh is away or too slow',
  'spool-full': 'the spool takes no more: API servers are told to wait, and lose events when it lasts',
  'spool-damaged': 'damage of the disk took events that were accepted',
  'certificate-ending': 'a certificate, an authority, a CRL or a token ends soon',
  'certificate-ended': 'a certificate, an authority, a CRL or a token has ended: its clients are refused',
  'events-late': 'events reached Wazuh long after they happened',
  'wazuh-drops': 'Wazuh’s daemon counted events that it dropped after it had taken them',
  'log-gap': 'events of a followed log file may have been lost before they were read: the file was removed, emptied or is broken',
  'migration-open': 'clients without certificate and token may post, as `migration` allows; once a day until it ends',
  'configuration-stale': 'the configuration, or a file that it names, is broken; the former one stays in effect',
} as const;

export type HealthKind = keyof typeof HEALTH_KINDS;

/** `problem` when it begins, `lasting` each `health.repeatHours` while it goes on, `resolved` when it is over. */
export const HEALTH_STATES = ['problem', 'lasting', 'resolved'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

export interface HealthEvent {
  readonly kind: HealthKind;
  readonly state: HealthState;
  /** The receiver that reports. */
  readonly receiver: string;
  /** Absent when it is about the receiver itself. */
  readonly cluster?: string;
  readonly apiServer?: string;
  /** What exactly: the path of a certificate, the id of a token, the codes of refusals. */
  readonly subject?: string;
  /** Of events, clients, bytes: the detail says of what. */
  readonly count?: number;
  readonly sinceMs: number;
  /** One sentence for the analyst. */
  readonly detail: string;
}

const MAX_TEXT_BYTES = 400;

/** Every field of a health event, in the order of the wire; like those of an audit event all of them are texts. */
export const HEALTH_SCHEMA: readonly WireField[] = [
  { name: 'k8s.schema', type: 'text', always: true, values: ['1'], says: 'the mark that the base rule asks for' },
  field('k8s.cluster', 63, 'the cluster that it is about'),
  { name: 'k8s.health.kind', type: 'text', always: true, values: Object.keys(HEALTH_KINDS), says: 'what is wrong' },
  { name: 'k8s.health.state', type: 'text', always: true, values: HEALTH_STATES, says: 'whether it begins, lasts or is over' },
  { name: 'k8s.health.receiver', type: 'text', always: true, maxBytes: 63, says: 'who reports it' },
  field('k8s.health.apiServer', 63, 'the API server that it is about'),
  field('k8s.health.subject', MAX_TEXT_BYTES, 'what exactly: a file, the id of a token, codes'),
  field('k8s.health.count', 20, 'how many; `detail` says of what'),
  { name: 'k8s.health.since', type: 'text', always: true, maxBytes: 24, says: 'RFC 3339, UTC' },
  { name: 'k8s.health.detail', type: 'text', always: true, maxBytes: MAX_TEXT_BYTES, says: 'one sentence for the analyst' },
];

/**
 * A health event as it goes into a datagram. It carries the mark of the wire event and no `apiVersion`: the base rule takes it, the
 * rules of the first guide, which look for audit events, do not.
 */
export function renderHealthEvent(event: HealthEvent): string {
  const health = members([
    ['kind', event.kind],
    ['state', event.state],
    ['receiver', event.receiver],
    ['apiServer', event.apiServer],
    ['subject', event.subject],
    ['count', event.count === undefined ? undefined : String(event.count)],
    ['since', new Date(event.sinceMs).toISOString()],
    ['detail', event.detail],
  ]);
  const cluster = members([
    ['schema', '1'],
    ['cluster', event.cluster],
  ]);
  return `{"k8s": {${cluster}, "health": {${health}}}}`;
}

function members(entries: readonly (readonly [name: string, value: string | undefined])[]): string {
  return entries
    .filter((entry): entry is readonly [string, string] => entry[1] !== undefined && entry[1] !== '')
    .map(([name, value]) => `"${name}": ${quoted(cutToBytes(value, MAX_TEXT_BYTES))}`)
    .join(', ');
}

function field(name: string, maxBytes: number, says: string): WireField {
  return { name, type: 'text', always: false, maxBytes, says };
}
