import { expect, it } from 'vitest';
import { CountedProblems } from './counted-problems.ts';
import type { Observation } from './observation.ts';

const log = { cluster: 'prod', apiServer: 'a', path: '/var/log/audit.log' };

function seen(nowMs: number, gaps: number): Observation {
  return {
    nowMs,
    heard: [],
    refusals: [],
    spool: { level: 'ok', undeliveredRecords: 0, undeliveredBytes: 0, maxBytes: 1, lostRecords: 0 },
    ends: [],
    migration: undefined,
    lateEvents: 0,
    daemonDropped: undefined,
    apiServerDrops: [],
    logGaps: [{ ...log, gaps }],
    configurationFailure: undefined,
  };
}

it('tells a gap in a log file by cluster, API server and path, until none came for a while', () => {
  const problems = new CountedProblems();

  expect(problems.look(seen(0, 0))).toEqual([]);
  expect(problems.look(seen(1_000, 1))).toEqual([
    {
      kind: 'log-gap',
      count: 1,
      cluster: 'prod',
      apiServer: 'a',
      subject: '/var/log/audit.log',
      detail: 'events of /var/log/audit.log may have been lost before they were read, 1 time',
    },
  ]);
  expect(problems.look(seen(2_000, 3))).toMatchObject([{ count: 3, detail: expect.stringContaining('3 times') }]);
  expect(problems.look(seen(11 * 60_000, 3))).toEqual([]);
});
