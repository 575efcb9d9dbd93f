import type { SpoolUsage } from '@k8s-audit/spool';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BooksSnapshot, OriginBooks } from './books.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import type { Refusals } from './refusals.ts';

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
  readonly inFlight: BytesInFlight;
  readonly spool: () => SpoolUsage;
}

/** Counters are read from the books when Prometheus asks, so that metrics and books cannot disagree. */
export function createMetrics({ books, refusals, inFlight, spool }: MetricsSource): Registry {
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
  gauge('k8s_audit_spool_lost_events', 'Events that damage of the disk took, since the start', () => spool().lostRecords);
  gauge('k8s_audit_body_bytes_in_flight', 'Bytes of request bodies held in memory', () => inFlight.heldBytes);
  return registry;
}
