import type { SpoolUsage } from '@k8s-audit/spool';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BooksSnapshot, OriginBooks } from './books.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import type { FaultCounts } from './fault-counts.ts';
import type { TransportFigures } from './open-transport.ts';
import type { Refusals } from './refusals.ts';
import type { SourceFigures } from './sources/source.ts';
import { addSourceMetrics } from './sources/source-metrics.ts';

/** One metric a column of the books; the sum of the others equals `received`. */
const BOOK_METRICS: readonly { readonly column: Exclude<keyof OriginBooks, 'cluster' | 'apiServer'>; readonly help: string }[] = [
  { column: 'received', help: 'Events on disk or quarantined on arrival' },
  { column: 'delivered', help: 'Events taken by the transport, each once' },
  { column: 'duplicate', help: 'Events seen before and not sent again' },
  { column: 'filtered', help: 'Events left out on purpose' },
  { column: 'quarantined', help: 'Items that were no event or could not be read' },
  { column: 'resent', help: 'Events sent once more after Wazuh’s reader changed' },
];

export interface MetricsSource {
  readonly books: () => BooksSnapshot;
  readonly refusals: Refusals;
  readonly faults: FaultCounts;
  readonly inFlight: BytesInFlight;
  readonly spool: () => SpoolUsage;
  readonly transport: () => TransportFigures;
  readonly sources: () => readonly SourceFigures[];
}

/** Counters are read from the books when Prometheus asks, so that metrics and books cannot disagree. */
export function createMetrics({ books, refusals, faults, inFlight, spool, transport, sources }: MetricsSource): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { column, help } of BOOK_METRICS)
    new Counter({
      name: `k8s_audit_events_${column}_total`,
      help,
      labelNames: ['cluster', 'api_server'],
      registers: [registry],
      collect() {
        this.reset();
        for (const origin of books().origins) this.inc({ cluster: origin.cluster, api_server: origin.apiServer }, origin[column]);
      },
    });
  new Counter({
    name: 'k8s_audit_refusals_total',
    help: 'Requests and handshakes turned away, by HTTP status (0: before HTTP) and code',
    labelNames: ['status', 'code'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { status, code, count } of refusals.snapshot()) this.inc({ status: String(status), code }, count);
    },
  });
  new Counter({
    name: 'k8s_audit_faults_total',
    help: 'Faults that the receiver met, and their ends, by part (spool, wazuh) and kind; the log line of each is `PART-KIND`',
    labelNames: ['part', 'kind'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { part, kind, count } of faults.snapshot()) this.inc({ part, kind }, count);
    },
  });
  new Counter({
    name: 'k8s_audit_dedupe_keys_evicted_total',
    help: 'Keys of delivered events that were forgotten within their time because there were too many',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(spool().dedupeEvictedEarly);
    },
  });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('k8s_audit_events_spooled', 'Events on disk that the transport has not taken yet', () => spool().undeliveredRecords);
  gauge('k8s_audit_spool_undelivered_bytes', 'Bytes of events that the transport has not taken yet', () => spool().undeliveredBytes);
  gauge('k8s_audit_spool_max_bytes', 'Size at which the spool refuses events', () => spool().maxBytes);
  gauge('k8s_audit_spool_level', 'How full the spool is: 0 fine, 1 from `spool.warnAtShare` on, 2 refusing events', () =>
    ['ok', 'warn', 'full'].indexOf(spool().level),
  );
  gauge(
    'k8s_audit_spool_disk_bytes',
    'Bytes of all files of the spool, delivered events and preallocated space included',
    () => spool().diskBytes,
  );
  gauge('k8s_audit_dedupe_keys', 'Keys of delivered events that are remembered, so that a copy is known', () => spool().dedupeKeys);
  gauge('k8s_audit_spool_lost_events', 'Events that damage of the disk took, since the start', () => spool().lostRecords);
  gauge('k8s_audit_body_bytes_in_flight', 'Bytes of request bodies held in memory', () => inFlight.heldBytes);
  addTransportMetrics(registry, transport);
  addSourceMetrics(registry, sources);
  return registry;
}

/** The first three tell the same of every way into Wazuh; the rest stay 0 where nothing is paced. */
function addTransportMetrics(registry: Registry, transport: () => TransportFigures): void {
  const add = (kind: typeof Counter | typeof Gauge, name: string, help: string, read: (figures: TransportFigures) => number): void => {
    new kind({
      name,
      help,
      registers: [registry],
      collect(this: Counter | Gauge) {
        this.reset();
        this.inc(read(transport()));
      },
    });
  };
  new Gauge({
    name: 'k8s_audit_transport_info',
    help: '1 for the transport in use, and for what its pacing goes by: getstats, state-file, agent-state, ceiling, none',
    labelNames: ['transport', 'pacing'],
    registers: [registry],
    collect() {
      const { name, pacing } = transport();
      this.reset();
      this.set({ transport: name, pacing: pacing?.source ?? 'none' }, 1);
    },
  });
  add(Gauge, 'k8s_audit_transport_waiting', '1 while the transport waits for a reader that is absent or does not read', ({ state }) =>
    state?.state === 'waiting' ? 1 : 0,
  );
  add(Gauge, 'k8s_audit_pacing_ceiling', '1 while Wazuh tells nothing of its queues and only the configured ceiling holds', ({ pacing }) =>
    pacing?.source === 'ceiling' ? 1 : 0,
  );
  add(
    Counter,
    'k8s_audit_pacing_held_seconds_total',
    'Time for which delivery was held back for Wazuh’s queues',
    ({ pacing }) => (pacing?.heldMs ?? 0) / 1000,
  );
  add(
    Gauge,
    'k8s_audit_wazuh_queue_usage',
    'Fullest of Wazuh’s queues that drop, 0 to 1, at the last look',
    ({ pacing }) => pacing?.queueUsage ?? 0,
  );
  add(
    Counter,
    'k8s_audit_wazuh_dropped_total',
    'Events that Wazuh itself counts as dropped since our start, whoever sent them: lost behind us',
    ({ pacing }) => pacing?.daemonDropped ?? 0,
  );
}
