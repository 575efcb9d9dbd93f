import { dirname, join } from 'node:path';
import { AGENT_MAX_DATAGRAM_BYTES } from '@k8s-audit/wazuh-message';
import { createDatagramTransport, type DatagramTransportOptions } from './datagram-transport.ts';
import type { Transport } from './transport.ts';

/** To the Wazuh agent of this host, which takes it to its manager; the same socket on Wazuh 4 and 5. @throws {Failure} QUEUE_UNSUPPORTED, QUEUE_PATH_INVALID */
export function createAgentTransport(options: DatagramTransportOptions): Transport {
  const home = join(dirname(options.socketPath), '../..');
  return createDatagramTransport(
    {
      name: 'agent',
      maxDatagramBytes: AGENT_MAX_DATAGRAM_BYTES,
      pacing: { kind: 'agent-state', stateFile: join(home, 'var/run/wazuh-agentd.state') },
      lossAfterUs:
        'The agent keeps up to client_buffer queue_size messages (5,000) in memory, drops what comes beyond, sends events_per_second (500), and loses its buffer when it is killed.',
    },
    options,
  );
}
