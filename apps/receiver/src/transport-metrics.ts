import { Counter, Gauge, type Registry } from 'prom-client';
import type { TransportFigures } from './open-transport.ts';

/** The first three tell the same of every way into Wazuh; the rest stay 0 where nothing is paced. */
export function addTransportMetrics(registry: Registry, transport: () => TransportFigures): void {
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
