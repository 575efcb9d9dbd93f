import type { SpoolUsage } from '@k8s-audit/spool';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { BooksSnapshot, OriginBooks } from './books.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import type { Connections } from './connections.ts';
import type { FaultCounts } from './fault-counts.ts';
import type { HealthReport } from './health/health-report.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import type { TransportFigures } from './open-transport.ts';
import type { Refusals } from './refusals.ts';
import type { SourceFigures } from './sources/source.ts';
import { addSourceMetrics } from './sources/source-metrics.ts';
import { addTransportMetrics } from './transport-metrics.ts';
import type { Trust } from './trust.ts';

/** One metric a column of the books; the sum of the others equals `received`. */
const BOOK_METRICS: readonly {
  readonly column: Exclude<keyof OriginBooks, 'cluster' | 'apiServer' | 'lastReceivedAtMs' | 'lagMs'>;
  readonly help: string;
}[] = [
  { column: 'received', help: 'Events on disk or quarantined on arrival' },
  { column: 'delivered', help: 'Events taken by the transport, each once' },
  { column: 'duplicate', help: 'Events seen before and not sent again' },
  { column: 'filtered', help: 'Events left out on purpose' },
  { column: 'quarantined', help: 'Items that were no event or could not be read' },
  { column: 'resent', help: 'Events sent once more after Wazuh’s reader changed' },
];

/** From a batch on a fast disk to the 30 s after which kube-apiserver gives up. */
const REQUEST_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface MetricsSource {
  readonly books: () => BooksSnapshot;
  readonly refusals: Pick<Refusals, 'snapshot'>;
  readonly faults: Pick<FaultCounts, 'snapshot'>;
  readonly inFlight: Pick<BytesInFlight, 'heldBytes'>;
  readonly spool: () => SpoolUsage;
  readonly memoryCapBytes: number;
  readonly connections: Pick<Connections, 'identifiedCount' | 'unidentifiedCount'>;
  readonly live: Pick<LiveConfiguration, 'failure' | 'counts'> & { readonly trust: Pick<Trust, 'ends'> };
  readonly transport: () => TransportFigures;
  readonly sources: () => readonly SourceFigures[];
  readonly delivery: { readonly lateEvents: number };
  readonly health: () => HealthReport;
}

export interface Metrics {
  readonly registry: Registry;
  readonly answered: (status: number, seconds: number) => void;
  readonly unpacked: (packedBytes: number, bytes: number) => void;
}

/** Values are read from where they are kept when Prometheus asks, so that metrics, books and health cannot disagree. */
export function createMetrics(source: MetricsSource): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { books, refusals, faults, inFlight, spool, connections, live, delivery, health } = source;
  const family = (
    Kind: typeof Counter | typeof Gauge,
    name: string,
    help: string,
    labelNames: readonly string[],
    read: ReadSamples,
  ): void => {
    new Kind({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.inc(labels, value);
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number): void => family(Gauge, name, help, [], () => [[{}, read()]]);
  const counter = (name: string, help: string, read: () => number): void => family(Counter, name, help, [], () => [[{}, read()]]);
  const byOrigin = ({ cluster, apiServer }: OriginBooks): Labels => ({ cluster, api_server: apiServer });

  for (const { column, help } of BOOK_METRICS)
    family(Counter, `k8s_audit_events_${column}_total`, help, ['cluster', 'api_server'], () =>
      books().origins.map((origin) => [byOrigin(origin), origin[column]]),
    );
  counter('k8s_audit_events_late_total', 'Events sent on long after they happened', () => delivery.lateEvents);
  family(Gauge, 'k8s_audit_last_received_timestamp_seconds', 'When the last batch was stored', ['cluster', 'api_server'], () =>
    books()
      .origins.filter(({ lastReceivedAtMs }) => lastReceivedAtMs > 0)
      .map((origin) => [byOrigin(origin), origin.lastReceivedAtMs / 1000]),
  );
  family(
    Counter,
    'k8s_audit_refusals_total',
    'Requests and connections turned away, by HTTP status (0: before HTTP) and code',
    ['status', 'code'],
    () => refusals.snapshot().map(({ status, code, count }) => [{ status: String(status), code }, count]),
  );
  family(
    Counter,
    'k8s_audit_faults_total',
    'Faults that the receiver met, and their ends, by part (spool, wazuh, event) and kind; the log line of each is `PART-KIND`',
    ['part', 'kind'],
    () => faults.snapshot().map(({ part, kind, count }) => [{ part, kind }, count]),
  );
  counter(
    'k8s_audit_dedupe_keys_evicted_total',
    'Keys of delivered events that were forgotten within their time because there were too many',
    () => spool().dedupeEvictedEarly,
  );
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
  gauge(
    'k8s_audit_memory_cap_bytes',
    'Resident memory (`process_resident_memory_bytes`) stays below this, by `limits.inFlightBytes`',
    () => source.memoryCapBytes,
  );
  family(Gauge, 'k8s_audit_connections', 'Open connections, of clients that have shown who they are and of others', ['state'], () => [
    [{ state: 'identified' }, connections.identifiedCount],
    [{ state: 'unidentified' }, connections.unidentifiedCount],
  ]);
  addTransportMetrics(registry, source.transport);
  addSourceMetrics(registry, source.sources);
  family(Gauge, 'k8s_audit_end_timestamp_seconds', 'When a certificate, an authority, a CRL or a token ends', ['kind', 'name'], () =>
    live.trust.ends.map(({ kind, name, endsAtMs }) => [{ kind, name }, endsAtMs / 1000]),
  );
  gauge('k8s_audit_configuration_stale', '1 while the configuration on disk is not the one in effect, because it is broken', () =>
    live.failure === undefined ? 0 : 1,
  );
  family(Counter, 'k8s_audit_reloads_total', 'Reloads of configuration and certificates', ['result'], () => [
    [{ result: 'reloaded' }, live.counts.reloaded],
    [{ result: 'failed' }, live.counts.failed],
  ]);
  family(Gauge, 'k8s_audit_health_problems', 'Problems that are reported to Wazuh and last', ['kind'], () =>
    [...health().problems].map(([kind, count]) => [{ kind }, count]),
  );
  family(Counter, 'k8s_audit_health_events_total', 'Health events handed to the transport', ['kind', 'state'], () =>
    health().sent.map(({ kind, state, count }) => [{ kind, state }, count]),
  );
  const requestSeconds = new Histogram({
    name: 'k8s_audit_request_seconds',
    help: 'Time from the headers of a POST to its answer, by HTTP status',
    labelNames: ['status'],
    buckets: REQUEST_BUCKETS_SECONDS,
    registers: [registry],
  });
  const gzipBytes = new Counter({
    name: 'k8s_audit_gzip_bytes_total',
    help: 'Bytes of bodies that came as gzip, packed and unpacked',
    labelNames: ['state'],
    registers: [registry],
  });
  return {
    registry,
    answered: (status, seconds) => requestSeconds.observe({ status: String(status) }, seconds),
    unpacked(packedBytes, bytes) {
      gzipBytes.inc({ state: 'packed' }, packedBytes);
      gzipBytes.inc({ state: 'unpacked' }, bytes);
    },
  };
}

type Labels = Readonly<Record<string, string>>;
type ReadSamples = () => readonly (readonly [labels: Labels, value: number])[];
