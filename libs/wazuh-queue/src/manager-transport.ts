import { dirname, join } from 'node:path';
import { MANAGER_MAX_DATAGRAM_BYTES } from '@k8s-audit/wazuh-message';
import { createDatagramTransport, type DatagramTransportOptions } from './datagram-transport.ts';
import type { Transport } from './transport.ts';

/** Below a Wazuh home; the same since 4.0. */
export const QUEUE_SOCKET = 'queue/sockets/queue';

/** To the wazuh-analysisd of this host. @throws {Failure} QUEUE_UNSUPPORTED, QUEUE_PATH_INVALID */
export function createManagerTransport(options: DatagramTransportOptions): Transport {
  const sockets = dirname(options.socketPath);
  return createDatagramTransport(
    {
      name: 'manager',
      maxDatagramBytes: MANAGER_MAX_DATAGRAM_BYTES,
      pacing: { kind: 'getstats', socketPath: join(sockets, 'analysis'), stateFile: join(sockets, '../../var/run/wazuh-analysisd.state') },
      lossAfterUs:
        'wazuh-analysisd reads into a queue of 16,384 events (analysisd.decode_event_queue_size) and drops silently when it is full; it loses that queue when it is killed.',
    },
    options,
  );
}
