import { Counter, Gauge, type Registry } from 'prom-client';
import type { SourceFigures } from './source.ts';

/** Of what is read; what is posted is counted as requests. */
export function addSourceMetrics(registry: Registry, sources: () => readonly SourceFigures[]): void {
  const add = (kind: typeof Counter | typeof Gauge, name: string, help: string, read: (figures: SourceFigures) => number): void => {
    new kind({
      name,
      help,
      labelNames: ['source', 'name', 'cluster', 'api_server'],
      registers: [registry],
      collect(this: Counter | Gauge) {
        this.reset();
        for (const figures of sources()) {
          const { kind: source, name: path, cluster, apiServer } = figures;
          this.inc({ source, name: path, cluster, api_server: apiServer }, read(figures));
        }
      },
    });
  };
  add(Gauge, 'k8s_audit_source_lag_bytes', 'Bytes of a log file that are not taken yet', ({ lagBytes }) => lagBytes);
  add(Gauge, 'k8s_audit_source_waiting', '1 while a log file cannot be read, or what was read cannot be stored', ({ waiting }) =>
    waiting === undefined ? 0 : 1,
  );
  add(
    Counter,
    'k8s_audit_source_gaps_total',
    'How often events of a log file may have been lost before they were read: removed, emptied, packed file broken',
    ({ gaps }) => gaps,
  );
}
