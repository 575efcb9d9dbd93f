import { renderTable } from '../text-table.ts';
import type { EventVerdict } from './event-verdict.ts';
import type { RuleTestResult, TestedEvent } from './test-rules.ts';

/** One line an event, what differs below it, and the sum. */
export function renderTestedEvents(result: RuleTestResult): string {
  const isChecked = result.passed + result.failed > 0;
  const head = [...(isChecked ? [''] : []), 'EVENT', 'RULE', 'LEVEL', 'ALERT', 'DESCRIPTION'];
  const rows = result.events.map((event) => [...(isChecked ? [markOf(event)] : []), event.name, ...cellsOf(event.verdict)]);
  return [renderTable(head, rows), ...differenceLines(result), '', ...tailLines(result)].join('\n');
}

/** One line a detection; examples only where they differ. */
export function renderTestedPacks(result: RuleTestResult): string {
  const abouts = [...new Set(result.events.map(aboutOf))];
  const rows = abouts.map((about) => {
    const own = result.events.filter((event) => aboutOf(event) === about);
    const good = own.filter(({ differences }) => differences?.length === 0).length;
    return [good === own.length ? 'ok' : 'FAIL', about, `${good} of ${own.length} examples`];
  });
  return [renderTable(['', 'DETECTION', 'AS IT SHOULD BE'], rows), ...differenceLines(result), '', ...tailLines(result)].join('\n');
}

function aboutOf({ name }: TestedEvent): string {
  return name.slice(0, name.indexOf(':'));
}

function markOf({ differences }: TestedEvent): string {
  if (differences === undefined) return '-';
  return differences.length === 0 ? 'ok' : 'FAIL';
}

function cellsOf(verdict: EventVerdict): readonly string[] {
  if (verdict.kind === 'undecided') return [String(verdict.ruleId), '?', '?', `undecided: ${verdict.reason}`];
  if (verdict.kind === 'refused') return ['-', '-', 'no', verdict.reason];
  const { rule, alerted, decoder } = verdict;
  if (rule === null) return ['-', '-', 'no', decoder === null ? 'no decoder takes it: it has no fields' : 'no rule matches'];
  return [String(rule.id), String(rule.level), alerted ? 'yes' : 'no', rule.description];
}

function differenceLines({ events }: RuleTestResult): readonly string[] {
  const different = events.filter(({ differences = [] }) => differences.length > 0);
  if (different.length === 0) return [];
  return [
    '',
    ...different.flatMap(({ name, differences = [] }) => [oneLine(name), ...differences.map((difference) => `  ${oneLine(difference)}`)]),
  ];
}

function tailLines({ events, passed, failed, alerts, undecided, refused, untested }: RuleTestResult): readonly string[] {
  const stuck = Object.entries(undecided).map(([id, count]) => `rule ${id}: ${count}`);
  return [
    ...(untested.length === 0 ? [] : [`No event ends at ${untested.map(({ id, file, line }) => `${id} (${file}:${line})`).join(', ')}.`]),
    ...(stuck.length === 0 ? [] : [`Undecided, the engine cannot tell what Wazuh would do: ${stuck.join(', ')}.`]),
    ...(refused === 0 ? [] : [`${refused} ${refused === 1 ? 'event is' : 'events are'} not taken.`]),
    `${events.length} ${events.length === 1 ? 'event' : 'events'}, ${alerts} ${alerts === 1 ? 'alert' : 'alerts'}; ${passed + failed === 0 ? 'nothing was expected' : `${passed} passed, ${failed} failed`}.`,
  ];
}

/** Values of events stand in descriptions and differences. */
function oneLine(text: string): string {
  return [...text].map((character) => (character < ' ' || (character >= '\x7f' && character < '\xa0') ? '?' : character)).join('');
}
