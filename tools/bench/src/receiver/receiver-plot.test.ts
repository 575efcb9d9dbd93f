import { expect, it } from 'vitest';
import { renderPlot } from './receiver-plot.ts';
import type { Row } from './receiver-report.ts';

const row = (contestant: Row['contestant'], eventsPerSecond: number): Row => ({
  contestant,
  batch: 100,
  size: '1 KB',
  eventBytes: 1_000,
  events: 1,
  eventsPerSecond,
  cpuSecondsPerMillion: 1,
  p50Ms: 1,
  p99Ms: 1,
  peakMemoryMiB: 1,
  refused: {},
});

it('shows each contestant with its figure, the fastest as the longest bar, and no bar where nothing was done', () => {
  const plot = renderPlot([row('Go, accept', 100_000), row('ours, accept', 1_000), row('Flask, gunicorn', 0)]);
  const widths = [...plot.matchAll(/<rect x="330" [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));

  expect(widths).toEqual([480, 288, 0]);
  expect(plot).toContain('>100 × 1 KB, Go, accept</text>');
  expect(plot).toContain('>100,000</text>');
});
