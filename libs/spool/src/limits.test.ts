import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTrialFolder, numbered, numbersOf, range, type TrialFolder, take } from './testing/trial-folder.ts';

let trial: TrialFolder;
beforeEach(() => {
  trial = createTrialFolder();
});
afterEach(() => trial.remove());

/** A clock that the test moves; keys and segments age by it. */
function testClock(): { nowMs: number; readonly clock: { readonly wallMs: () => number; readonly monotonicMs: () => number } } {
  const state = { nowMs: 1_000_000, clock: { wallMs: () => state.nowMs, monotonicMs: () => state.nowMs } };
  return state;
}

describe('delivered segments', () => {
  it('go when they are delivered', async () => {
    const spool = await trial.open();
    for (const id of range(1, 40)) await spool.append(numbered(id, id, 1_000));
    const before = spool.usage().segments;
    const taken = await take(spool, 40);
    spool.commit(taken.at(-1)?.position as number);
    await spool.flush();

    await expect.poll(() => spool.usage().segments).toBeLessThanOrEqual(1);
    expect(before).toBeGreaterThan(5);
  });

  it('stay for as long as they are to be kept, and go then', async () => {
    const time = testClock();
    const spool = await trial.open({ deliveredRetentionMs: 60_000, clock: time.clock });
    for (const id of range(1, 40)) await spool.append(numbered(id, id, 1_000));
    const all = spool.usage().segments;
    spool.commit((await take(spool, 39)).at(-1)?.position as number);
    time.nowMs += 59_000;
    await spool.flush();
    expect(spool.usage().segments).toBe(all);

    time.nowMs += 2_000;
    spool.commit((await take(spool, 1)).at(-1)?.position as number);
    await spool.flush();
    await expect.poll(() => spool.usage().segments).toBeLessThanOrEqual(1);
  });

  it('make room for new events before their time, but for what a rewind may need', async () => {
    const time = testClock();
    const spool = await trial.open({ deliveredRetentionMs: 3_600_000, clock: time.clock });
    for (const id of range(1, 320)) {
      await spool.append(numbered(id, id, 4_000));
      spool.commit((await take(spool, 1)).at(-1)?.position as number);
      await spool.flush();
    }
    expect(spool.usage().diskBytes).toBeLessThanOrEqual(spool.usage().maxBytes);
    expect(spool.usage().lostRecords).toBe(0);
  });
});

describe('undelivered segments', () => {
  it('never go: at the limit the append is refused, and delivery makes room again', async () => {
    const spool = await trial.open();
    let stored = 0;
    const refusal = await (async () => {
      for (;;) {
        try {
          await spool.append(numbered(stored + 1, stored + 1, 4_000));
          stored++;
        } catch (error) {
          return error;
        }
      }
    })();

    expect(refusal).toMatchObject({ code: 'SPOOL_FULL' });
    expect(spool.usage().level).toBe('full');
    expect(spool.usage().undeliveredRecords).toBe(stored);
    const levels = trial.events.flatMap((event) => (event.kind === 'level' ? [event.level] : []));
    expect(levels).toEqual(['full']);

    const taken = await take(spool, stored);
    expect(numbersOf(taken)).toEqual(range(1, stored));
    await expect(spool.append(numbered(stored + 1, stored + 1, 4_000)), 'handed out is not delivered').rejects.toThrow('limit');
    spool.commit(taken.at(-1)?.position as number);
    await spool.flush();
    await spool.append(numbered(stored + 1, stored + 1));
    expect(spool.usage().level).toBe('ok');
  });

  it('are warned of before the limit, in the smallest spool too', async () => {
    const time = testClock();
    const spool = await trial.open({ segmentBytes: 64 * 1024, clock: time.clock });
    const fill = async (): Promise<void> => {
      for (let id = 1; ; id++) {
        time.nowMs += 1_000;
        await spool.append(numbered(id, id, 1_000));
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'SPOOL_FULL' });

    expect(trial.events.flatMap((event) => (event.kind === 'level' ? [event.level] : []))).toEqual(['warn', 'full']);
  });
});
