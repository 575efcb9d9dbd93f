import { oversizeIndexes } from './oversize.ts';
import type { Pacer } from './pacer.ts';
import type { SendOutcome, Transport } from './transport.ts';

/** The same transport, sending no faster than its pacer lets it. */
export function paceTransport(inner: Transport, pacer: Pacer): Transport {
  const closing = new AbortController();
  return {
    name: inner.name,
    maxDatagramBytes: inner.maxDatagramBytes,
    pacing: inner.pacing,
    lossAfterUs: inner.lossAfterUs,
    get reader() {
      return inner.reader;
    },
    send: (datagrams, { signal } = {}) =>
      sendPaced(inner, pacer, datagrams, signal ? AbortSignal.any([signal, closing.signal]) : closing.signal),
    close: async () => {
      closing.abort();
      pacer.close();
      await inner.close();
    },
  };
}

async function sendPaced(inner: Transport, pacer: Pacer, datagrams: readonly Uint8Array[], signal: AbortSignal): Promise<SendOutcome> {
  const indexes = oversizeIndexes(datagrams, inner.maxDatagramBytes);
  if (indexes !== undefined) return { kind: 'oversize', indexes };
  let sent = 0;
  while (sent < datagrams.length) {
    const count = await pacer.admit(datagrams.length - sent, signal);
    if (count === 0) return { kind: 'stopped', sent };
    const outcome = await inner.send(datagrams.slice(sent, sent + count), { signal });
    if (outcome.kind === 'oversize') return outcome;
    if (outcome.kind !== 'sent') return { ...outcome, sent: sent + outcome.sent };
    sent += count;
  }
  return { kind: 'sent' };
}
