import { TRACED_AUDIT_ID_PREFIX } from '@k8s-audit/audit-events';
import { afterEach, describe, expect, it } from 'vitest';
import { EventTrace, type TracedEvent } from './event-trace.ts';
import type { Origin } from './spool-record.ts';
import { oneEvent, ReceiverProcess } from './testing/receiver-process.ts';

const ORIGIN: Origin = { cluster: 'prod-eu', apiServer: 'cp-1', source: 'webhook' };
const idOf = (name: string | number): string => `${TRACED_AUDIT_ID_PREFIX}${name}`;
const itemOf = (auditID: string, stage = 'ResponseComplete'): Buffer => Buffer.from(JSON.stringify({ auditID, stage }));

describe('a trace', () => {
  let nowMs = 0;
  const trace = (): EventTrace => new EventTrace(() => ++nowMs);

  it('tells when an event came, was on disk, was shaped and was taken', () => {
    nowMs = 0;
    const traced = trace();
    traced.stored(traced.arrived([itemOf('another'), itemOf(idOf('a'))], ORIGIN));
    const event = traced.find(itemOf(idOf('a')), ORIGIN, 99);
    traced.shaped(event, Buffer.from('1:k8s:{}'));
    traced.ended(event, 'delivered');

    expect(traced.of(idOf('a'))).toEqual([
      {
        auditId: idOf('a'),
        stage: 'ResponseComplete',
        ...ORIGIN,
        arrivedAtMs: 1,
        storedAtMs: 2,
        shapedAtMs: 3,
        message: '1:k8s:{}',
        endedAtMs: 4,
        outcome: 'delivered',
      },
    ]);
    expect(traced.of('another')).toEqual([]);
  });

  it('takes an event that was refused and is sent again for the same', () => {
    nowMs = 0;
    const traced = trace();
    traced.arrived([itemOf(idOf('a'))], ORIGIN);
    traced.stored(traced.arrived([itemOf(idOf('a'))], ORIGIN));

    expect(traced.of(idOf('a'))).toMatchObject([{ arrivedAtMs: 1, storedAtMs: 2 }]);
  });

  it('keeps its first times when an event goes out once more', () => {
    const traced = trace();
    const event = traced.find(itemOf(idOf('a')), ORIGIN, 5);
    traced.ended(event, 'delivered');
    const before = { ...event };
    traced.shaped(traced.find(itemOf(idOf('a')), ORIGIN, 5), Buffer.from('again'));
    traced.ended(event, 'delivered');

    expect(traced.of(idOf('a'))).toEqual([before]);
    expect(before.arrivedAtMs).toBe(5);
  });

  it('forgets the oldest, keeps few of one and no long message, whatever clients send', () => {
    const traced = trace();
    traced.arrived(
      Array.from({ length: 100 }, (_, index) => itemOf(idOf(index))),
      ORIGIN,
    );
    for (let count = 0; count < 100; count++) traced.stored(traced.arrived([itemOf(idOf('same'))], ORIGIN));
    const event = traced.of(idOf(99))[0];
    traced.shaped(event, Buffer.alloc(9_000));

    expect([traced.of(idOf(0)), traced.of(idOf(36))].flat()).toEqual([]);
    expect(traced.of(idOf(37))).toHaveLength(1);
    expect(traced.of(idOf('same'))).toHaveLength(4);
    expect(event).toMatchObject({ shapedAtMs: nowMs });
    expect(event).not.toHaveProperty('message');
  });
});

describe('the admin listener', () => {
  let receiver: ReceiverProcess;
  afterEach(() => receiver.remove());

  async function traceOf(auditId: string): Promise<readonly TracedEvent[]> {
    return (JSON.parse((await receiver.ask(`/trace/${auditId}`)).text) as { events: TracedEvent[] }).events;
  }

  it('shows the way of a traced event, and of no other', async () => {
    receiver = await ReceiverProcess.create();
    await receiver.start();
    const agent = await receiver.agent('prod-eu');
    const sentAtMs = Date.now();
    await receiver.post('/prod-eu/cp-1', oneEvent('an-ordinary-one'), { agent });
    await receiver.post('/prod-eu/cp-1', oneEvent(idOf('good')), { agent });
    await receiver.post('/prod-eu/cp-1', oneEvent(idOf('odd'), { verb: 1 }), { agent });

    await expect.poll(() => traceOf(idOf('good')), { timeout: 20_000 }).toMatchObject([{ ...ORIGIN, outcome: 'delivered' }]);
    await expect
      .poll(() => traceOf(idOf('odd')), { timeout: 20_000 })
      .toMatchObject([{ outcome: 'quarantined', reason: 'verb is not a string' }]);
    expect(await traceOf('an-ordinary-one')).toEqual([]);
    const [event] = await traceOf(idOf('good'));
    const times = [sentAtMs, event?.arrivedAtMs, event?.storedAtMs, event?.shapedAtMs, event?.endedAtMs, Date.now()].map(Number);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(event?.message).toContain(idOf('good'));
  });
});
