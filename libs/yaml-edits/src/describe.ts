import type { YamlChange } from './yaml-change.ts';
import { pathText } from './yaml-file.ts';

/** One change for a person: where, and what. */
export function describeYamlChange(change: YamlChange): string {
  const where = pathText(change.path);
  switch (change.kind) {
    case 'item-added':
      return `${where}: ${typeof change.value === 'string' ? change.value : JSON.stringify(change.value)}`;
    case 'entry-added':
      return `${where === '' ? '' : `${where}.`}${change.key}: ${JSON.stringify(change.value)}`;
    case 'item-replaced':
      return `${where}: ${change.after} in place of ${change.before}`;
    case 'entry-replaced':
      return `${where === '' ? '' : `${where}.`}${change.key}: ${firstLine(change.after)} in place of ${firstLine(change.before)}`;
  }
}

function firstLine(text: string): string {
  return text.includes('\n') ? `${text.split('\n', 2).join(' ').trim()} …` : text;
}
