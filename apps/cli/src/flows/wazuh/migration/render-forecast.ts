import { renderTable } from '../../../text-table.ts';
import type { AlertChange, AlertForecast, Raised } from './alert-forecast.ts';

/** For a person who decides: which alerts will carry another rule. */
export function renderForecast({ file, events, unchanged, changes, examples }: AlertForecast): string {
  const recorded =
    file === undefined
      ? ['No event of the guide’s receiver is in Wazuh’s archive or alerts; what follows is by the pack’s own examples.\n']
      : [`What the last ${events} events in ${file} would raise; ${unchanged} keep what they have:\n`, tableOf(changes)];
  return [
    ...recorded,
    ...(file === undefined || examples.length === 0 ? [] : ['Not among them, by the pack’s own examples:\n']),
    ...(examples.length === 0 ? [] : [tableOf(examples)]),
    ...(changes.some(ends)
      ? ['WHAT ENDS: rules that look into the guide’s shape of events see another one. Mend them before: docs/reference/wire-event.md\n']
      : []),
  ].join('\n');
}

function tableOf(changes: readonly AlertChange[]): string {
  if (changes.length === 0) return '  (none)\n';
  const rows = changes.map((change) => {
    const { before, after, events } = change;
    return [
      String(events),
      ruleOf(before),
      ends(change) ? `ENDS: ${ruleOf(after)}` : ruleOf(after),
      descriptionOf(after) || descriptionOf(before),
    ];
  });
  return `${renderTable(['EVENTS', 'NOW', 'THEN', 'FOR INSTANCE'], rows)}\n`;
}

function ends({ before, after }: AlertChange): boolean {
  return before.kind === 'alert' && after.kind !== 'alert';
}

function ruleOf(raised: Raised): string {
  if (raised.kind === 'no-alert') return 'no alert';
  return raised.kind === 'alert' ? `${raised.rule}, level ${raised.level}` : `not known: rule ${raised.rule} asks what only Wazuh can tell`;
}

function descriptionOf(raised: Raised): string {
  return raised.kind === 'alert' ? raised.description : '';
}
