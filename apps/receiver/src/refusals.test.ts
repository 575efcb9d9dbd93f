import { expect, it } from 'vitest';
import { Refusals } from './refusals.ts';

it('counts every refusal, logs the first ten of a code in ten seconds, and says how many it left out', () => {
  const lines: unknown[] = [];
  let now = 0;
  const refusals = new Refusals({ warn: (line: unknown) => void lines.push(line) }, () => now);
  for (let count = 0; count < 25; count++) refusals.report(0, 'evicted', { remote: '10.0.0.9' });
  refusals.report(403, 'cluster-mismatch', {});
  now = 10_000;
  refusals.report(0, 'evicted', { remote: '10.0.0.9' });
  refusals.report(0, 'evicted', { remote: '10.0.0.9' });

  expect(refusals.snapshot()).toEqual([
    { status: 0, code: 'evicted', count: 27 },
    { status: 403, code: 'cluster-mismatch', count: 1 },
  ]);
  expect(lines).toHaveLength(13);
  expect(lines.slice(10)).toEqual([
    { event: 'refused', status: 403, code: 'cluster-mismatch' },
    { event: 'connection-refused', status: 0, code: 'evicted', remote: '10.0.0.9', unlogged: 15 },
    { event: 'connection-refused', status: 0, code: 'evicted', remote: '10.0.0.9' },
  ]);
});
