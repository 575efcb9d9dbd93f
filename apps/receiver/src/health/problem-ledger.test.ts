import { describe, expect, it } from 'vitest';
import type { Problem } from './problem.ts';
import { ProblemLedger } from './problem-ledger.ts';

const HOUR_MS = 3_600_000;
const silent = (cluster: string): Problem => ({ kind: 'cluster-silent', cluster, detail: `no event from ${cluster}` });
const open: Problem = { kind: 'migration-open', cluster: 'old', detail: 'open' };

function ledgerOf(repeatHours = 24) {
  const ledger = new ProblemLedger('audit-1');
  return {
    ledger,
    look: (hours: number, ...problems: readonly Problem[]) =>
      ledger
        .look(problems, hours * HOUR_MS, repeatHours * HOUR_MS)
        .map(({ kind, state, cluster, sinceMs }) => [kind, state, cluster, sinceMs / HOUR_MS]),
  };
}

describe('a problem is reported', () => {
  it('when it begins, once a day while it lasts, and when it is over', () => {
    const { look, ledger } = ledgerOf();
    expect(look(0, silent('a'))).toEqual([['cluster-silent', 'problem', 'a', 0]]);
    for (const hours of [0.1, 1, 12, 23.9]) expect(look(hours, silent('a'))).toEqual([]);
    expect(look(24, silent('a'))).toEqual([['cluster-silent', 'lasting', 'a', 0]]);
    expect(ledger.problems).toEqual(new Map([['cluster-silent', 1]]));
    expect(look(25)).toEqual([['cluster-silent', 'resolved', 'a', 0]]);
    expect(look(26)).toEqual([]);
    expect(ledger.problems).toEqual(new Map());
  });

  it('once an hour when it comes and goes', () => {
    const { look } = ledgerOf();
    const states: unknown[] = [];
    for (let minute = 0; minute <= 120; minute++)
      for (const [, state] of look(minute / 60, ...(minute % 2 === 0 ? [silent('a')] : []))) states.push(`${minute} ${state}`);

    expect(states).toEqual(['0 problem', '1 resolved', '60 problem', '61 resolved', '120 problem']);
  });

  it('with the others of its kind, when there are many at once', () => {
    const { ledger } = ledgerOf();
    const events = ledger.look(
      Array.from({ length: 500 }, (_, index) => silent(`c${index}`)),
      0,
      HOUR_MS,
    );

    expect(events).toHaveLength(11);
    expect(events.at(-1)).toMatchObject({ kind: 'cluster-silent', state: 'problem', subject: 'others', count: 490 });
    expect(ledger.problems.get('cluster-silent')).toBe(500);
  });
});

it('tells of an open migration each day, however seldom other things are repeated', () => {
  const { look } = ledgerOf(24 * 7);
  look(0, open, silent('a'));

  expect(look(24, open, silent('a'))).toEqual([['migration-open', 'lasting', 'old', 0]]);
});
