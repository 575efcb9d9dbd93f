import { expect, it } from 'vitest';
import { afterExit, type CrashBackoff, KUBELET_BACKOFF } from './crash-backoff.ts';

const waits = (endsAtMs: readonly number[]): readonly number[] => {
  let before: CrashBackoff | undefined;
  return endsAtMs.map((ms) => {
    const { waitMs, next } = afterExit(before, ms, KUBELET_BACKOFF);
    before = next;
    return waitMs;
  });
};

it('costs nothing at first, then 10 s, then twice as much up to five minutes', () => {
  expect(waits([1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
});

it('is forgotten after ten minutes without an end', () => {
  expect(waits([0, 1_000, 601_001, 602_000])).toEqual([0, 10_000, 0, 10_000]);
});
