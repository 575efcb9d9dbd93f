import { type TracedKey, tracedKeyOf } from '@k8s-audit/audit-events';
import type { Origin } from './spool-record.ts';

/** How far one traced event has come, and when; milliseconds since 1970 by this machine's clock. What is absent has not happened. */
export interface TracedEvent extends TracedKey {
  readonly cluster: string;
  readonly apiServer: string;
  readonly source: Origin['source'];
  /** When it was read out of the request, or out of the spool where it came before the last start. */
  readonly arrivedAtMs: number;
  /** On disk. */
  storedAtMs?: number;
  shapedAtMs?: number;
  /** What is handed to Wazuh, unless it is longer than is kept. */
  message?: string;
  /** When its way through the receiver ended. */
  endedAtMs?: number;
  outcome?: 'delivered' | 'duplicate' | 'quarantined';
  /** Of the quarantine. */
  reason?: string;
}

/** Whoever may send requests can choose such audit IDs: then the oldest are forgotten, and no more memory is held than this (2 MiB). */
const MAX_AUDIT_IDS = 64;
const MAX_EVENTS_EACH = 4;
const MAX_MESSAGE_BYTES = 8 * 1024;
const NONE: readonly TracedEvent[] = [];

/** Follows the few events whose audit ID asks for it, for `/trace` of the admin listener. All others pass by. */
export class EventTrace {
  readonly #events = new Map<string, TracedEvent[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Read from a request, and not yet on disk. */
  arrived(items: readonly Uint8Array[], origin: Origin): readonly TracedEvent[] {
    let found = NONE;
    for (const item of items) {
      const key = tracedKeyOf(item);
      if (key === undefined) continue;
      // Sent again because it was refused: it came when it came first.
      const event =
        this.#known(key, origin).find(({ storedAtMs }) => storedAtMs === undefined) ??
        this.#add({ ...key, ...origin, arrivedAtMs: this.#now() });
      if (event !== undefined) found = [...found, event];
    }
    return found;
  }

  stored(events: readonly TracedEvent[]): void {
    for (const event of events) event.storedAtMs = this.#now();
  }

  /** The event of a spooled item; one from before the start begins here. */
  find(item: Uint8Array, origin: Origin, arrivedAtMs: number): TracedEvent | undefined {
    const key = tracedKeyOf(item);
    if (key === undefined) return undefined;
    const known = this.#known(key, origin);
    return known.find(({ endedAtMs }) => endedAtMs === undefined) ?? known.at(-1) ?? this.#add({ ...key, ...origin, arrivedAtMs });
  }

  shaped(event: TracedEvent | undefined, datagram: Uint8Array): void {
    // One that is read again for a rewind keeps its first time.
    if (event === undefined || event.endedAtMs !== undefined) return;
    event.shapedAtMs = this.#now();
    if (datagram.length <= MAX_MESSAGE_BYTES) event.message = Buffer.from(datagram).toString();
  }

  ended(event: TracedEvent | undefined, outcome: NonNullable<TracedEvent['outcome']>, reason?: string): void {
    if (event === undefined || event.endedAtMs !== undefined) return;
    event.endedAtMs = this.#now();
    event.outcome = outcome;
    if (reason !== undefined) event.reason = reason;
  }

  /** Every stage of it that came, in the order of arrival. */
  of(auditId: string): readonly TracedEvent[] {
    return this.#events.get(auditId) ?? NONE;
  }

  #known({ auditId, stage }: TracedKey, { source }: Origin): readonly TracedEvent[] {
    return this.of(auditId).filter((event) => event.stage === stage && event.source === source);
  }

  #add(event: TracedEvent): TracedEvent | undefined {
    const own = this.#events.get(event.auditId) ?? [];
    if (own.length >= MAX_EVENTS_EACH) return undefined;
    this.#events.set(event.auditId, [...own, event]);
    const [oldest] = this.#events.keys();
    if (this.#events.size > MAX_AUDIT_IDS && oldest !== undefined) this.#events.delete(oldest);
    return event;
  }
}
