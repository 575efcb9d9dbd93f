import type { SendOutcome, Transport } from '@k8s-audit/wazuh-queue';
import { describe, expect, it } from 'vitest';
import { withNoticeLane } from './notice-lane.ts';

/** A transport that answers from a list, then with `sent`; `hold` keeps the next call waiting. */
function scripted(...outcomes: SendOutcome[]) {
  const sent: string[][] = [];
  const waits: Promise<void>[] = [];
  const transport: Transport = {
    name: 'manager',
    maxDatagramBytes: 65_535,
    pacing: { kind: 'none' },
    lossAfterUs: '',
    reader: 'r',
    async send(datagrams) {
      await waits.shift();
      sent.push(datagrams.map((each) => Buffer.from(each).toString()));
      return outcomes.shift() ?? { kind: 'sent' };
    },
    close: async () => undefined,
  };
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waits.push(promise);
    return resolve;
  };
  return { transport, sent, hold };
}

const bytes = (text: string): Buffer => Buffer.from(text);
const notice = (text: string, key = text, onSent = (): void => undefined) => ({ key, datagram: bytes(text), onSent });

describe('a notice', () => {
  it('goes at once when nothing else is on its way', async () => {
    const { transport, sent } = scripted();
    let isSent = false;
    withNoticeLane(transport).push(notice('n', 'n', () => (isSent = true)));
    await expect.poll(() => isSent).toBe(true);

    expect(sent).toEqual([['n']]);
  });

  it('goes before the next batch, however many are behind it', async () => {
    const { transport, sent, hold } = scripted();
    const lane = withNoticeLane(transport);
    const release = hold();
    const batches = ['a', 'b', 'c'].map((each) => lane.transport.send([bytes(each)]));
    await new Promise(setImmediate);
    lane.push(notice('n'));
    release();
    await Promise.all(batches);

    expect(sent).toEqual([['a'], ['n'], ['b'], ['c']]);
  });

  it('takes the place of an older one with its key', async () => {
    const { transport, sent, hold } = scripted();
    const lane = withNoticeLane(transport);
    const release = hold();
    const batch = lane.transport.send([bytes('a')]);
    await new Promise(setImmediate);
    lane.push(notice('problem', 'k'));
    lane.push(notice('resolved', 'k'));
    release();
    await batch;
    await lane.transport.send([bytes('b')]);

    expect(sent).toEqual([['a'], ['resolved'], ['b']]);
  });
});

describe('a reader that was restarted', () => {
  const restarted: SendOutcome = { kind: 'reader-restarted', sent: 0, resendAtLeast: 11 };

  it('is told to whoever delivers, before another event goes out, when a notice found out', async () => {
    const { transport, sent } = scripted(restarted);
    const lane = withNoticeLane(transport);
    lane.push(notice('n'));
    const outcome = await lane.transport.send([bytes('a')]);

    expect(outcome).toEqual({ kind: 'reader-restarted', sent: 0, resendAtLeast: 11 });
    expect(sent).toEqual([['n']]);
    // And then the notice, which was not taken, and the events.
    expect(await lane.transport.send([bytes('a')])).toEqual({ kind: 'sent' });
    expect(sent).toEqual([['n'], ['n'], ['a']]);
  });

  it('is told as the transport tells it when a batch found out', async () => {
    const { transport } = scripted(restarted);

    expect(await withNoticeLane(transport).transport.send([bytes('a')])).toEqual(restarted);
  });
});
