import { setImmediate } from 'node:timers/promises';
import { EventLinesScanner, EventListScanner } from '@k8s-audit/audit-events';
import { DEFAULT_REDACTION, needsRedaction, redactionPolicy } from '@k8s-audit/event-pipeline';
import type { Spool } from '@k8s-audit/spool';
import type { Transport } from '@k8s-audit/wazuh-queue';
import type { Books } from './books.ts';
import type { Configuration } from './configuration.ts';
import { createShaping, type ShapingSettings } from './event-shaping.ts';
import type { EventTrace } from './event-trace.ts';
import { LARGE_EVENT_BYTES } from './event-without-bodies.ts';
import type { Intake, Outlet } from './flow.ts';
import type { LargeEvents } from './large-events.ts';
import type { Quarantine } from './quarantine.ts';

/** What both ends of the spool share. */
export interface PipelineParts {
  readonly configuration: Configuration;
  readonly spool: Spool;
  readonly books: Books;
  readonly quarantine: Quarantine;
  readonly trace: EventTrace;
  readonly shaping: ShapingSettings;
  readonly largeEvents: LargeEvents;
  readonly now: () => number;
}

/** The front of the spool: scan, redact, append. `list`: an EventList, as it is posted; `lines`: JSON Lines, as an audit log has them. */
export function createIntake(
  { configuration, spool, books, quarantine, trace, shaping, largeEvents, now }: PipelineParts,
  form: 'list' | 'lines' = 'list',
): Intake {
  const Scanner = form === 'list' ? EventListScanner : EventLinesScanner;
  const policy = redactionPolicy(configuration.redaction.resources) ?? DEFAULT_REDACTION;
  const { redact } = createShaping(shaping);
  return {
    newScanner: () =>
      new Scanner({
        maxItemBytes: configuration.limits.itemBytes,
        isSensitive: (item, members) => needsRedaction(item, members, policy),
      }),
    redact: (item) => (item.length > LARGE_EVENT_BYTES ? largeEvents.redact(item) : redact(item)),
    append: (head, items) => spool.append(items, head),
    quarantine: (items) => quarantine.add(items),
    books,
    trace,
    now,
  };
}

export interface OutletParts extends PipelineParts {
  readonly transport: Transport;
  readonly stopSignal: AbortSignal;
  readonly deliveryCounts: DeliveryCounts;
}

/** Of events as they were shaped; one that is sent again counts again. */
export interface DeliveryCounts {
  lateEvents: number;
}

/** Small enough that shaping a batch does not keep a request waiting (2 ms at 10 µs an event), large enough for `sendmmsg`. */
const BATCH = { maxRecords: 200, maxBytes: 4 * 1024 * 1024 };

/** An agent writes itself into the location, and in a file the path is the location: only a manager reads the cluster there. */
export function showsCluster({ name }: Pick<Transport, 'name'>, namedLocation: boolean): boolean {
  return namedLocation && (name === 'manager' || name === 'embedded');
}

/** What shaping depends on, by the configuration and the way into Wazuh. */
export function shapingSettings(configuration: Configuration, transport: Pick<Transport, 'name' | 'maxDatagramBytes'>): ShapingSettings {
  return {
    redactionResources: configuration.redaction.resources,
    wire: configuration.wazuh.wire,
    isNamed: showsCluster(transport, configuration.wazuh.namedLocation),
    trustedProxies: configuration.trustedProxies,
    lateAfterMs: configuration.lateAfterSeconds * 1_000,
    maxDatagramBytes: transport.maxDatagramBytes,
  };
}

/** The back of the spool: dedupe, shape, send. */
export function createOutlet(parts: OutletParts): Outlet {
  const { spool, books, quarantine, trace, now, transport, stopSignal, deliveryCounts, largeEvents } = parts;
  const { keyOf, shape } = createShaping(parts.shaping);
  let noted = Buffer.from(spool.note).toString();
  // Behind the cursor, never before it: after a restart it tells whether the reader that took our last events is still there.
  const noteReader = (): void => {
    if (transport.reader === undefined || transport.reader === noted) return;
    noted = transport.reader;
    spool.setNote(Buffer.from(noted));
  };
  return {
    next: () => spool.next({ ...BATCH, signal: stopSignal }),
    admit: (key, position) => spool.dedupe.admit(key, position),
    keyOf,
    datagramOf: (event, item) => {
      const { datagram, late } = shape(event, item, now());
      if (late) deliveryCounts.lateEvents++;
      return datagram;
    },
    isLarge: ({ item }) => item.length > LARGE_EVENT_BYTES,
    readLarge: async (item) => {
      const event = await largeEvents.read(item, now());
      if (event.kind === 'event' && event.late) deliveryCounts.lateEvents++;
      return event;
    },
    pause: () => setImmediate(),
    maxDatagramBytes: transport.maxDatagramBytes,
    send: (datagrams) => transport.send(datagrams, { signal: stopSignal }),
    seek: (position) => {
      spool.seek(position);
      noteReader();
    },
    commit: (upTo) => {
      spool.commit(upTo);
      noteReader();
    },
    before: { deliveredUpTo: spool.cursor, storedUpTo: spool.newest },
    quarantine: (items) => quarantine.add(items),
    books,
    trace,
  };
}
