import { ask, run, type Step } from '../trampoline.ts';
import type { Data } from './data.ts';

/** A document's value as JavaScript has it, without places. Of a key that comes twice the last counts. */
export function toPlainJson(data: Data): unknown {
  return run(convert(data));
}

function* convert(data: Data): Step<unknown> {
  if (data.kind === 'null') return null;
  if (data.kind === 'number') return Number(data.text);
  if (data.kind === 'bool' || data.kind === 'string') return data.value;
  if (data.kind === 'array') {
    const items: unknown[] = [];
    for (const item of data.items) items.push(yield* ask(convert(item)));
    return items;
  }
  const entries: [string, unknown][] = [];
  for (const { key, value } of data.entries) entries.push([key, yield* ask(convert(value))]);
  return Object.fromEntries(entries);
}
