import { stripVTControlCharacters, styleText } from 'node:util';
import type { Alert } from './alert-tail.ts';

/** Who did what to which object, from where, when, and how bad it is. */
export interface AlertRow {
  readonly time: string;
  readonly level: number;
  readonly rule: string;
  readonly who: string;
  readonly action: string;
  readonly object: string;
  readonly from: string;
  readonly outcome: string;
  readonly cluster: string;
  readonly description: string;
}

export function alertRow(alert: Alert): AlertRow {
  const event = alert.data?.k8s ?? {};
  const { resource, namespace, name, subresource } = event.objectRef ?? {};
  const object = [namespace, [resource, subresource].filter(Boolean).join('/'), name].filter(Boolean).join(' ');
  return {
    time: event.requestReceivedTimestamp ?? alert.timestamp,
    level: alert.rule.level,
    rule: alert.rule.id,
    who: event.user?.username || '(nobody)',
    action: event.action ?? event.verb ?? '-',
    object: object || event.requestURI || '-',
    from: alert.data?.srcip ?? '-',
    outcome: [event.outcome, event.responseStatus?.code].filter(Boolean).join(' ') || '-',
    cluster: event.cluster ?? alert.agent.name,
    description: alert.rule.description,
  };
}

/** Widths that fit 120 columns; what is longer ends in `…`, and the whole stands in alerts.json. */
const COLUMNS: readonly { readonly title: string; readonly width: number; readonly of: (row: AlertRow) => string }[] = [
  { title: 'TIME', width: 8, of: (row) => /T(\d\d:\d\d:\d\d)/.exec(row.time)?.[1] ?? row.time },
  { title: 'LVL', width: 3, of: (row) => String(row.level) },
  { title: 'RULE', width: 6, of: (row) => row.rule },
  { title: 'WHO', width: 24, of: (row) => row.who },
  { title: 'DID', width: 22, of: (row) => row.action },
  { title: 'TO', width: 34, of: (row) => row.object },
  { title: 'FROM', width: 15, of: (row) => row.from },
  { title: 'RESULT', width: 16, of: (row) => row.outcome },
];

export function renderTableHead(): string {
  return styleText(
    'bold',
    COLUMNS.map(({ title, width }) => title.padEnd(width))
      .join('  ')
      .trimEnd(),
  );
}

/** One line of the live table, coloured by level as Wazuh's dashboard groups them: 12 and above high, 7 to 11 medium. */
export function renderTableRow(row: AlertRow): string {
  const line = COLUMNS.map(({ width, of }) => fit(printable(of(row)), width))
    .join('  ')
    .trimEnd();
  if (row.level >= 12) return styleText('red', line);
  return row.level >= 7 ? styleText('yellow', line) : line;
}

/** One line an alert for pipes and logs: the rule id first, then `key=value`, values quoted as JSON. */
export function renderPlainRow(row: AlertRow): string {
  const { rule, ...rest } = row;
  return [rule, ...Object.entries(rest).map(([key, value]) => `${key}=${typeof value === 'number' ? value : JSON.stringify(value)}`)].join(
    ' ',
  );
}

// A user name comes from outside: it must not move the cursor or recolour the terminal.
function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, ' ');
}

function fit(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text.padEnd(width + text.length - characters.length) : `${characters.slice(0, width - 1).join('')}…`;
}
