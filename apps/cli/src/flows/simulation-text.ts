import { type Kept, renderBar, renderSparkline, type TopRows } from '@k8s-audit/audit-policy';
import { renderTable } from '../text-table.ts';
import type { SimulationRun } from './simulate-policy.ts';

/** A simulation as a person reads it: the sum, the levels as bars, the tables, and what the recording cannot tell. */
export function renderSimulation(run: SimulationRun): string {
  return [
    renderSummary(run),
    renderLevels(run),
    renderChange(run),
    renderTop('resource', run.kept.byResource, run.spanSeconds),
    renderTop('verb', run.kept.byVerb, run.spanSeconds),
    renderTop('user', run.kept.byUser, run.spanSeconds),
    renderTimeline(run),
    renderIdleRules(run),
    renderCaveats(run),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function renderSummary(run: SimulationRun): string {
  const rows = [
    ['recorded', String(run.events), bytes(run.recordedBytes), rate(perSecond(run.events, run.spanSeconds)), ''],
    keptRow(run.policyName, run.kept, run.events),
    ...(run.other === undefined ? [] : [keptRow(run.againstName ?? 'against', run.other, run.events)]),
  ];
  const span = run.spanSeconds > 0 ? `${duration(run.spanSeconds)} of traffic` : 'no span of time';
  return `${run.events} events of ${run.files.length} ${run.files.length === 1 ? 'recording' : 'recordings'}, ${span}\n${renderTable(['', 'events', 'bytes', 'a second', 'kept'], rows)}`;
}

function keptRow(name: string, kept: Kept, events: number): string[] {
  return [name, String(kept.events), knownBytes(kept.bytes, kept.unknownBodies), rate(kept.eventsPerSecond), percent(kept.events, events)];
}

function renderLevels(run: SimulationRun): string {
  const rows = run.kept.byLevel.map(({ key, events, bytes: size, unknownBodies }, index) => [
    key,
    String(events),
    key === 'None' ? '' : knownBytes(size, unknownBodies),
    key === 'None' ? '' : rate(perSecond(events, run.spanSeconds)),
    ...(run.other === undefined ? [] : [String(run.other.byLevel[index]?.events ?? 0)]),
    renderBar(events, run.events, BAR_WIDTH),
  ]);
  return renderTable(['level', 'events', 'bytes', 'a second', ...(run.other === undefined ? [] : ['against']), ''], rows);
}

function renderChange({ change, againstName, policyName }: SimulationRun): string {
  if (change === undefined) return '';
  const { lost, gained, raised, lowered, rows } = change;
  const sum = `${policyName} against ${againstName}: ${lost} events lost, ${gained} gained, ${raised} with more of their bodies, ${lowered} with less`;
  if (rows.rows.length === 0) return `${sum}: no difference in this recording`;
  const table = rows.rows.map(({ key, events }) => {
    const colon = key.lastIndexOf(': ');
    return [key.slice(0, colon), key.slice(colon + 2), String(events)];
  });
  return [sum, renderTable(['request', 'level', 'events'], table), ...(rows.others.keys > 0 ? [`and ${rows.others.keys} more`] : [])].join(
    '\n',
  );
}

function renderTop(name: string, { rows, others }: TopRows, spanSeconds: number): string {
  if (rows.length === 0) return '';
  const largest = rows[0]?.events ?? 0;
  const table = rows.map(({ key, events, bytes: size, unknownBodies }) => [
    key,
    String(events),
    knownBytes(size, unknownBodies),
    rate(perSecond(events, spanSeconds)),
    renderBar(events, largest, BAR_WIDTH),
  ]);
  if (others.keys > 0)
    table.push([
      `${others.keys} others`,
      String(others.events),
      knownBytes(others.bytes, others.unknownBodies),
      rate(perSecond(others.events, spanSeconds)),
      '',
    ]);
  return renderTable([name, 'events', 'bytes', 'a second', ''], table);
}

function renderTimeline({ timeline }: SimulationRun): string {
  if (timeline === undefined || timeline.buckets.length < 2) return '';
  const largest = Math.max(...timeline.buckets.map(({ all }) => all));
  const line = (pick: 'all' | 'kept'): string =>
    renderSparkline(
      timeline.buckets.map((bucket) => bucket[pick]),
      largest,
    );
  return [
    `from ${new Date(timeline.startMs).toISOString()}, ${duration(timeline.bucketMs / 1000)} a column, at most ${largest} events`,
    `recorded ${line('all')}`,
    `kept     ${line('kept')}`,
  ].join('\n');
}

/** A rule that decides nothing is dead, or for what this recording does not have. */
function renderIdleRules({ kept, events }: SimulationRun): string {
  const idle = kept.byRule.flatMap((count, index) => (count === 0 ? [`rules[${index}]`] : []));
  return idle.length === 0 || events === 0 ? '' : `rules that decided no event of this recording: ${idle.join(', ')}`;
}

function renderCaveats(run: SimulationRun): string {
  const missing = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'].filter(
    (stage) => run.recorded.stages[stage] === undefined,
  );
  const lines = [
    ...(missing.length > 0
      ? [`the recording has no event of stage ${missing.join(', ')}: what a policy would keep of those is not counted`]
      : []),
    ...(run.kept.unknownBodies + (run.other?.unknownBodies ?? 0) > 0
      ? ['"+ ?": events whose bodies the recording does not have; they would be larger than their bytes say']
      : []),
    'requests that the policy of the recording left out altogether are in no number here',
    ...(run.refused > 0 ? [`${run.refused} lines or items were no audit events`] : []),
    ...run.cut.map(({ file, reason }) => `${file} ends early (${reason}): what stands behind that place was not read`),
    ...(run.interrupted ? ['interrupted: the rest of the recording was not read'] : []),
  ];
  return ['what this does not tell:', ...lines.map((line) => `  ${line}`)].join('\n');
}

const BAR_WIDTH = 24;

function knownBytes(size: number, unknownBodies: number): string {
  return unknownBodies > 0 ? `${bytes(size)} + ?` : bytes(size);
}

function bytes(size: number): string {
  const power = Math.min(UNITS.length - 1, size < 1 ? 0 : Math.floor(Math.log10(size) / 3));
  return power === 0 ? `${size} B` : `${(size / 1000 ** power).toFixed(1)} ${UNITS[power]}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

function rate(amount: number | undefined): string {
  if (amount === undefined) return '-';
  return amount >= 10 ? amount.toFixed(0) : amount.toFixed(2);
}

function perSecond(amount: number, seconds: number): number | undefined {
  return seconds > 0 ? amount / seconds : undefined;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} days`;
}
