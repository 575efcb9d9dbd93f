import { MANAGER_MAX_DATAGRAM_BYTES } from '@k8s-audit/wazuh-message';
import { oversizeIndexes } from './oversize.ts';
import type { Transport } from './transport.ts';

/**
 * To a back end in this very process, wherever there are no unix datagrams or no need for them.
 *
 * @param deliver resolves when the messages are worked off; what it throws, `send` throws
 */
export function createEmbeddedTransport(deliver: (messages: readonly Uint8Array[]) => void | Promise<void>): Transport {
  let isClosed = false;
  let turn: Promise<unknown> = Promise.resolve();
  return {
    name: 'embedded',
    maxDatagramBytes: MANAGER_MAX_DATAGRAM_BYTES,
    pacing: { kind: 'back-pressure' },
    lossAfterUs: 'Nothing is queued behind it: what was sent has been worked off.',
    send: async (datagrams, { signal } = {}) => {
      const indexes = oversizeIndexes(datagrams, MANAGER_MAX_DATAGRAM_BYTES);
      if (indexes !== undefined) return { kind: 'oversize', indexes };
      const delivered = turn.then(async () => {
        if (isClosed || signal?.aborted) return { kind: 'stopped', sent: 0 } as const;
        await deliver(datagrams);
        return { kind: 'sent' } as const;
      });
      turn = delivered.catch(() => undefined);
      return delivered;
    },
    close: async () => {
      isClosed = true;
      await turn;
    },
  };
}
