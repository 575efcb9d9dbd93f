import type { ContestantName } from './contestants.ts';
import type { Measured, SendLimit } from './measure-contestant.ts';

export interface Row extends Measured {
  readonly contestant: ContestantName;
  readonly batch: number;
  readonly size: string;
  readonly eventBytes: number;
}

/** What the figures are held against. */
export const AIMS = {
  eventsPerSecondOverFlaskAtBatch1: 40,
  acceptCpuOverGo: 1.3,
  fullWayCpuSecondsPerMillion: 20,
  fullWayEventsPerSecond: 20_000,
} as const;

export type Ratios = Readonly<
  Record<
    | keyof typeof AIMS
    | 'eventsPerSecondOverGunicornAtBatch1'
    | 'recommendedFlagsOverGuideEventsPerSecond'
    | 'acceptEventsPerSecondOverGo'
    | 'sendCpuSecondsPerMillion',
    number | null
  >
>;

/** Each from rows of this run; null where one of them was not measured. */
export function ratiosOf(rows: readonly Row[], limits: readonly SendLimit[]): Ratios {
  const find = (contestant: ContestantName, batch: number): Row | undefined =>
    rows.find((row) => row.contestant === contestant && row.batch === batch && row.size === '1 KB');
  const ratio = (over: number | undefined, under: number | undefined): number | null =>
    over === undefined || under === undefined ? null : over / under;
  const [ours1, ours100, accept100, go100] = [
    find('ours, full way', 1),
    find('ours, full way', 100),
    find('ours, accept', 100),
    find('Go, accept', 100),
  ];
  return {
    eventsPerSecondOverFlaskAtBatch1: ratio(ours1?.eventsPerSecond, find('Flask, development server', 1)?.eventsPerSecond),
    eventsPerSecondOverGunicornAtBatch1: ratio(ours1?.eventsPerSecond, find('Flask, gunicorn', 1)?.eventsPerSecond),
    // What somebody gains who leaves the guide: its server and its batches of one, for ours and the flags that we recommend.
    recommendedFlagsOverGuideEventsPerSecond: ratio(ours100?.eventsPerSecond, find('Flask, development server', 1)?.eventsPerSecond),
    acceptCpuOverGo: ratio(accept100?.cpuSecondsPerMillion, go100?.cpuSecondsPerMillion),
    acceptEventsPerSecondOverGo: ratio(accept100?.eventsPerSecond, go100?.eventsPerSecond),
    fullWayCpuSecondsPerMillion: ours100?.cpuSecondsPerMillion ?? null,
    fullWayEventsPerSecond: ours100?.eventsPerSecond ?? null,
    sendCpuSecondsPerMillion: limits.find(({ size }) => size === '1 KB')?.cpuSecondsPerMillion ?? null,
  };
}

export function renderReport(rows: readonly Row[], limits: readonly SendLimit[], ratios: Ratios): string {
  const header = line(['events x size', 'contestant', 'events/s', 'CPU-s/million', 'p50 ms', 'p99 ms', 'MiB', 'refused']);
  const body = rows.map((row) =>
    line([
      `${row.batch} x ${row.size}`,
      row.contestant,
      integer(row.eventsPerSecond),
      row.events === 0 ? '-' : row.cpuSecondsPerMillion.toFixed(1),
      row.p50Ms.toFixed(1),
      row.p99Ms.toFixed(1),
      integer(row.peakMemoryMiB),
      Object.entries(row.refused)
        .map(([status, count]) => `${count} x ${status}`)
        .join(' '),
    ]),
  );
  const limit = limits.map(({ size, eventsPerSecond, cpuSecondsPerMillion }) =>
    line([size, 'sendmmsg alone', integer(eventsPerSecond), cpuSecondsPerMillion.toFixed(1), '', '', '', '']),
  );
  return [header, ...body, ...limit, '', ...plot(rows), '', ...verdicts(ratios)].join('\n');
}

const WIDTHS = [14, 26, 11, 15, 9, 9, 7, 16] as const;

function line(cells: readonly string[]): string {
  return cells
    .map((cell, at) => (at < 2 || at === 7 ? ` ${cell}`.padEnd(WIDTHS[at] ?? 0) : cell.padStart(WIDTHS[at] ?? 0)))
    .join('')
    .trimEnd();
}

const BAR = 40;

/** Events a second at 1 KB, as bars on one logarithmic scale: each cell is a factor of ten in six. */
function plot(rows: readonly Row[]): readonly string[] {
  const shown = rows.filter(({ size, events }) => size === '1 KB' && events > 0);
  const most = Math.max(1, ...shown.map(({ eventsPerSecond }) => eventsPerSecond));
  const least = Math.min(most, ...shown.map(({ eventsPerSecond }) => eventsPerSecond)) / 2;
  const bar = (value: number): string => '█'.repeat(Math.max(1, Math.round((BAR * Math.log(value / least)) / Math.log(most / least))));
  return [
    'events a second, events of 1 KB, logarithmic:',
    ...shown.map(
      ({ contestant, batch, eventsPerSecond }) =>
        ` ${String(batch).padStart(3)} ${contestant.padEnd(26)}${bar(eventsPerSecond)} ${integer(eventsPerSecond)}`,
    ),
  ];
}

function verdicts(ratios: Ratios): readonly string[] {
  const say = (name: string, value: number | null, aim: number, isMost: boolean, unit: string): string => {
    if (value === null) return `${name}: not measured`;
    const isMet = isMost ? value <= aim : value >= aim;
    return `${name}: ${value >= 1_000 ? integer(value) : value.toFixed(2)}${unit} (aim: ${isMost ? 'at most' : 'at least'} ${aim}${unit}; ${isMet ? 'met' : 'missed'})`;
  };
  return [
    say(
      'the full way against the development server, batches of 1, events/s',
      ratios.eventsPerSecondOverFlaskAtBatch1,
      AIMS.eventsPerSecondOverFlaskAtBatch1,
      false,
      ' x',
    ),
    say('durable accept against Go, 100 x 1 KB, CPU', ratios.acceptCpuOverGo, AIMS.acceptCpuOverGo, true, ' x'),
    say(
      'the full way, 100 x 1 KB, CPU seconds a million events',
      ratios.fullWayCpuSecondsPerMillion,
      AIMS.fullWayCpuSecondsPerMillion,
      true,
      '',
    ),
    say('the full way, 100 x 1 KB, events/s', ratios.fullWayEventsPerSecond, AIMS.fullWayEventsPerSecond, false, ''),
  ];
}

function integer(value: number): string {
  return Math.round(value).toLocaleString('en');
}
