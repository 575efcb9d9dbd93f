import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import type { LoadSample } from './load.ts';
import { createPacer, type PacerChange } from './pacer.ts';

/** Time that moves only when somebody sleeps. */
function virtualClock(): Clock & { nowMs: number; onAdvance: (ms: number) => void } {
  const clock = {
    nowMs: 0,
    onAdvance: (_ms: number): void => {},
    now: (): number => clock.nowMs,
    sleep: async (ms: number, signal: AbortSignal, idle?: 'idle'): Promise<void> => {
      // What only settles in quiet times must not move the time of the test.
      if (idle) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      else if (!signal.aborted) {
        clock.nowMs += ms;
        clock.onAdvance(ms);
      }
    },
  };
  return clock;
}

/** A daemon as wazuh-analysisd: it takes everything, and drops what its queue does not hold. */
function modelDaemon(clock: ReturnType<typeof virtualClock>, size: number, drainPerMs: number) {
  const daemon = { used: 0, dropped: 0, looks: 0, isSilent: false };
  let drained = 0;
  clock.onAdvance = (ms) => {
    drained += ms * drainPerMs;
    daemon.used = Math.max(0, daemon.used - Math.floor(drained));
    drained -= Math.floor(drained);
  };
  return Object.assign(daemon, {
    take: (count: number): void => {
      daemon.dropped += Math.max(0, daemon.used + count - size);
      daemon.used = Math.min(size, daemon.used + count);
    },
    readLoad: async (): Promise<LoadSample> =>
      daemon.isSilent
        ? { kind: 'unavailable', reason: 'ENOENT' }
        : {
            kind: 'load',
            source: 'getstats',
            mark: String(++daemon.looks),
            queues: [
              { name: 'others', size, used: daemon.used, drops: true },
              { name: 'processed', size, used: size, drops: false },
            ],
            dropped: daemon.dropped,
          },
  });
}

describe('a pacer that sees the daemon’s queue', () => {
  it('never lets it overflow, however slow it is and however much is offered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 16, max: 20_000 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }),
        async (size, drainPerMs, offers) => {
          const clock = virtualClock();
          const daemon = modelDaemon(clock, size, drainPerMs);
          const pacer = createPacer({ readLoad: daemon.readLoad, ceilingPerSecond: 1, clock });
          for (const offer of offers)
            for (let left = offer; left > 0; ) {
              const count = await pacer.admit(left);
              expect(count).toBeGreaterThan(0);
              daemon.take(count);
              left -= count;
              expect(daemon.used).toBeLessThanOrEqual(Math.ceil(size / 2));
            }
          expect(daemon.dropped).toBe(0);
          pacer.close();
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leaves the other half of the queue to other senders, and waits while they fill ours too', async () => {
    const clock = virtualClock();
    const daemon = modelDaemon(clock, 1000, 1);
    daemon.used = 900;
    const pacer = createPacer({ readLoad: daemon.readLoad, ceilingPerSecond: 1, clock });
    const count = await pacer.admit(10_000);
    expect(count).toBeGreaterThan(0);
    expect(clock.nowMs).toBeGreaterThanOrEqual(400);
    expect(daemon.used + count).toBeLessThanOrEqual(500);
    pacer.close();
  });

  it('looks seldom when little is sent, and again when its knowledge is old', async () => {
    const clock = virtualClock();
    const daemon = modelDaemon(clock, 16_384, 10);
    const pacer = createPacer({ readLoad: daemon.readLoad, ceilingPerSecond: 1, clock });
    for (let each = 0; each < 100; each++) {
      expect(await pacer.admit(10)).toBe(10);
      clock.nowMs += 9;
    }
    expect(daemon.looks).toBe(1);
    clock.nowMs += 1000;
    await pacer.admit(10);
    expect(daemon.looks).toBe(2);
    pacer.close();
  });

  it('reports what the daemon dropped, whoever sent it, also across the daemon’s restart', async () => {
    const clock = virtualClock();
    const daemon = modelDaemon(clock, 1000, 1);
    daemon.dropped = 7;
    const changes: PacerChange[] = [];
    const pacer = createPacer({ readLoad: daemon.readLoad, ceilingPerSecond: 1, clock, onChange: (change) => changes.push(change) });
    const look = async (dropped: number): Promise<void> => {
      daemon.dropped = dropped;
      clock.nowMs += 2000;
      await pacer.admit(1);
    };
    await look(7);
    await look(10);
    await look(2);
    expect(changes).toEqual([
      { kind: 'source', source: 'getstats' },
      { kind: 'daemon-dropped', events: 3 },
      { kind: 'daemon-dropped', events: 2 },
    ]);
    expect(pacer.figures().daemonDropped).toBe(5);
    pacer.close();
  });

  it('knows at most how much is still inside the daemon', async () => {
    const clock = virtualClock();
    const daemon = modelDaemon(clock, 1000, 1);
    daemon.used = 20;
    const pacer = createPacer({ readLoad: daemon.readLoad, ceilingPerSecond: 1, clock });
    await pacer.admit(30);
    // 20 seen, 30 since then, and all that the inner queue may hold.
    expect(pacer.backlog()).toBe(20 + 30 + 1000);
    pacer.close();
  });
});

describe('a pacer that is told nothing', () => {
  it('keeps to its ceiling, and says so', async () => {
    const clock = virtualClock();
    const daemon = modelDaemon(clock, 1000, 1);
    daemon.isSilent = true;
    const pacer = createPacer({ readLoad: daemon.readLoad, ceilingPerSecond: 500, clock });
    let sent = 0;
    while (sent < 2000) sent += await pacer.admit(100);
    expect(clock.nowMs).toBeGreaterThanOrEqual(3800);
    expect(clock.nowMs).toBeLessThanOrEqual(4200);
    expect(pacer.figures()).toMatchObject({ source: 'ceiling', queueUsage: undefined, admitted: 2000 });
    pacer.close();
  });

  it('sends one event a minute when that is the ceiling', async () => {
    const clock = virtualClock();
    const pacer = createPacer({ readLoad: async () => ({ kind: 'unavailable', reason: '' }), ceilingPerSecond: 1 / 60, clock });
    for (let each = 0; each < 3; each++) expect(await pacer.admit(10)).toBe(1);
    expect(clock.nowMs).toBeGreaterThanOrEqual(120_000);
    pacer.close();
  });

  it('turns to the daemon’s figures as soon as there are some, and back', async () => {
    const clock = virtualClock();
    const daemon = modelDaemon(clock, 1000, 1);
    const changes: PacerChange[] = [];
    const pacer = createPacer({ readLoad: daemon.readLoad, ceilingPerSecond: 10, clock, onChange: (change) => changes.push(change) });
    for (const isSilent of [true, false, true]) {
      daemon.isSilent = isSilent;
      clock.nowMs += 6000;
      await pacer.admit(1);
    }
    expect(changes).toEqual([
      { kind: 'source', source: 'ceiling', reason: 'ENOENT' },
      { kind: 'source', source: 'getstats' },
      { kind: 'source', source: 'ceiling', reason: 'ENOENT' },
    ]);
    pacer.close();
  });
});

describe('a wait', () => {
  it('ends by its signal, by close, and does not begin after it', async () => {
    const full: LoadSample = {
      kind: 'load',
      source: 'getstats',
      mark: '1',
      queues: [{ name: 'others', size: 10, used: 10, drops: true }],
      dropped: 0,
    };
    const pacer = createPacer({ readLoad: async () => full, ceilingPerSecond: 1 });
    const abort = new AbortController();
    const first = pacer.admit(1, abort.signal);
    abort.abort();
    expect(await first).toBe(0);
    const second = pacer.admit(1);
    pacer.close();
    expect(await second).toBe(0);
    expect(await pacer.admit(1)).toBe(0);
  });
});
