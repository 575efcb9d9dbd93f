import { EventLinesScanner, EventListScanner } from '@k8s-audit/audit-events';
import { detect } from '@k8s-audit/detections';
import {
  DEFAULT_REDACTION,
  dedupeKey,
  NO_TRUSTED_PROXIES,
  needsRedaction,
  redactItem,
  redactionPolicy,
  shapeGuideEvent,
  shapeWireEvent,
  trustedProxies,
} from '@k8s-audit/event-pipeline';
import type { Spool } from '@k8s-audit/spool';
import { clusterLocation, frame, jsonBudget, PLAIN_LOCATION } from '@k8s-audit/wazuh-message';
import type { Transport } from '@k8s-audit/wazuh-queue';
import type { Books } from './books.ts';
import type { Configuration } from './configuration.ts';
import type { EventTrace } from './event-trace.ts';
import type { Intake, Outlet } from './flow.ts';
import type { Quarantine } from './quarantine.ts';

/** What both ends of the spool share. */
export interface PipelineParts {
  readonly configuration: Configuration;
  readonly spool: Spool;
  readonly books: Books;
  readonly quarantine: Quarantine;
  readonly trace: EventTrace;
  readonly now: () => number;
}

/** The front of the spool: scan, redact, append. `list`: an EventList, as it is posted; `lines`: JSON Lines, as an audit log has them. */
export function createIntake(
  { configuration, spool, books, quarantine, trace, now }: PipelineParts,
  form: 'list' | 'lines' = 'list',
): Intake {
  const Scanner = form === 'list' ? EventListScanner : EventLinesScanner;
  const policy = redactionPolicy(configuration.redaction.resources) ?? DEFAULT_REDACTION;
  return {
    newScanner: () =>
      new Scanner({
        maxItemBytes: configuration.limits.itemBytes,
        isSensitive: (item, members) => needsRedaction(item, members, policy),
      }),
    redact: (item) => redactItem(item, policy).bytes,
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

/** The back of the spool: dedupe, shape, send. */
export function createOutlet({
  configuration,
  spool,
  books,
  quarantine,
  trace,
  now,
  transport,
  stopSignal,
  deliveryCounts,
}: OutletParts): Outlet {
  const { wire, namedLocation } = configuration.wazuh;
  const isNamed = showsCluster(transport, namedLocation);
  const locationOf = (cluster: string): string => (isNamed ? clusterLocation(cluster) : PLAIN_LOCATION);
  const proxies = trustedProxies(configuration.trustedProxies) ?? NO_TRUSTED_PROXIES;
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
    keyOf: (event, { cluster }) => dedupeKey(cluster, event),
    datagramOf: (event, { origin, item }) => {
      const location = locationOf(origin.cluster);
      const budgetBytes = jsonBudget(location, transport.maxDatagramBytes);
      if (wire === 'guide') return frame(location, shapeGuideEvent(item, { budgetBytes }).json);
      const context = {
        cluster: origin.cluster,
        apiServer: origin.apiServer,
        nowMs: now(),
        lateAfterMs: configuration.lateAfterSeconds * 1000,
        trustedProxies: proxies,
        budgetBytes,
        detect,
      };
      const shaped = shapeWireEvent(event, context);
      if (shaped.late) deliveryCounts.lateEvents++;
      return frame(location, shaped.json);
    },
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
