import fc from 'fast-check';
import { expect, it } from 'vitest';
import { computeLoadFlags, estimateLoad } from './load-flags.ts';

it('recommends the measured values for an unknown rate', () => {
  expect(computeLoadFlags()).toEqual({
    mode: 'batch',
    batchMaxSize: 100,
    batchMaxWaitSeconds: 1,
    batchThrottleQps: 50,
    batchThrottleBurst: 100,
    batchBufferSize: 20_000,
    initialBackoffSeconds: 30,
    truncateEnabled: false,
  });
});

it.each([
  [0.1, 50, 100, 20_000],
  [500, 50, 100, 20_000],
  [501, 51, 100, 20_400],
  [2_000, 200, 100, 80_000],
  [2_001, 51, 400, 81_600],
  [20_000, 500, 400, 800_000],
])('for %i events a second: %i POSTs of %i, a buffer of %i', (rate, qps, size, buffer) => {
  expect(computeLoadFlags(rate)).toMatchObject({ batchThrottleQps: qps, batchMaxSize: size, batchBufferSize: buffer });
});

it('carries ten times the average, and a burst of four seconds on top, at every rate', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 20_000, noNaN: true }), (rate) => {
      const flags = computeLoadFlags(rate);
      expect(estimateLoad(flags, rate).ceilingEventsPerSecond).toBeGreaterThanOrEqual(Math.max(5_000, 10 * rate));
      expect(flags.batchBufferSize).toBeGreaterThanOrEqual(40 * rate);
    }),
  );
});

it('says which outage is survived, and what memory it takes', () => {
  expect(estimateLoad(computeLoadFlags(100), 100)).toEqual({
    ceilingEventsPerSecond: 5_000,
    survivedOutageSeconds: 243,
    outageMemoryBytes: 60_750_000,
  });
});

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 20_001])('refuses %d events a second', (rate) => {
  expect(() => computeLoadFlags(rate)).toThrow(expect.objectContaining({ code: 'EVENT_RATE_INVALID' }));
});
