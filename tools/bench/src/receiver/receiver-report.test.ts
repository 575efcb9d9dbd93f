import { describe, expect, it } from 'vitest';
import type { ContestantName } from './contestants.ts';
import { loadBodies } from './load-bodies.ts';
import { type Row, ratiosOf, renderReport } from './receiver-report.ts';

function row(
  contestant: ContestantName,
  batch: number,
  eventsPerSecond: number,
  cpuSecondsPerMillion: number,
  more: Partial<Row> = {},
): Row {
  const rest = { size: '1 KB', eventBytes: 1_044, events: eventsPerSecond, p50Ms: 1, p99Ms: 2, peakMemoryMiB: 100, refused: {} };
  return { contestant, batch, eventsPerSecond, cpuSecondsPerMillion, ...rest, ...more };
}

const rows = [
  row('Flask, development server', 1, 500, 1_000),
  row('Flask, development server', 400, 0, Number.NaN, { events: 0, refused: { '500': 7 } }),
  row('Go, accept', 100, 90_000, 4),
  row('ours, accept', 100, 45_000, 6),
  row('ours, full way', 1, 5_000, 200),
  row('ours, full way', 100, 25_000, 19),
  row('ours, full way', 100, 1_000, 190, { size: '10 KB' }),
];
const limits = [{ size: '1 KB', eventsPerSecond: 200_000, cpuSecondsPerMillion: 1.6 }];

describe('the report', () => {
  it('compares like with like: events of 1 KB, the same batches', () => {
    expect(ratiosOf(rows, limits)).toEqual({
      eventsPerSecondOverFlaskAtBatch1: 10,
      eventsPerSecondOverGunicornAtBatch1: null,
      recommendedFlagsOverGuideEventsPerSecond: 50,
      acceptCpuOverGo: 1.5,
      acceptEventsPerSecondOverGo: 0.5,
      fullWayCpuSecondsPerMillion: 19,
      fullWayEventsPerSecond: 25_000,
      sendCpuSecondsPerMillion: 1.6,
    });
  });

  it('says of each aim whether it is met, and of each contestant what it refused', () => {
    const text = renderReport(rows, limits, ratiosOf(rows, limits));

    expect(text).toContain('batches of 1, events/s: 10.00 x (aim: at least 40 x; missed)');
    expect(text).toContain('CPU: 1.50 x (aim: at most 1.3 x; missed)');
    expect(text).toContain('CPU seconds a million events: 19.00 (aim: at most 20; met)');
    expect(text).toMatch(/400 x 1 KB\s+Flask, development server\s+0\s+-.*7 x 500/);
  });
});

describe('the load', () => {
  it('is lists of recorded events of about that size, each with an audit ID that the load generator replaces', () => {
    for (const { batch, size, eventBytes, body } of loadBodies([1, 100], ['1 KB', '10 KB'])) {
      const { items } = JSON.parse(body) as { readonly items: readonly { readonly auditID: string }[] };

      expect(items).toHaveLength(batch);
      expect(new Set(items.map(({ auditID }) => auditID))).toEqual(new Set(['ffffffff-ffff-4fff-8fff-ffffffffffff']));
      expect(body.split('ffffffff-ffff-4fff-8fff-ffffffffffff')).toHaveLength(batch + 1);
      expect(eventBytes).toBeGreaterThan(size === '1 KB' ? 900 : 6_000);
    }
  });
});
