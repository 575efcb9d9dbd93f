import { compareText } from '../go-text/compare.ts';
import { formatFloat } from '../go-text/float.ts';
import { quote } from '../go-text/quote.ts';
import { ask, run, type Step } from '../trampoline.ts';
import type { YamlScalar } from './resolve.ts';
import { isCollection, type YamlValue } from './yaml-value.ts';

/** A value as Go's `%#v` writes it, which is how go-yaml names a key: `map[interface {}]interface {}{"a":1}`. */
export function formatGoSyntax(value: YamlValue): string {
  return value.content === null ? '<nil>' : run(format(value));
}

function* format({ content }: YamlValue): Step<string> {
  if (!isCollection(content)) return formatScalar(content);
  const parts: string[] = [];
  if (content.type === 'list') {
    for (const item of content.items) parts.push(yield* ask(format(item)));
    return `[]interface {}{${parts.join(', ')}}`;
  }
  const entries = [...content.entries.values()].sort((a, b) => compareKeys(a.key, b.key));
  for (const { key, value } of entries) parts.push(`${formatScalar(key)}:${yield* ask(format(value))}`);
  return `map[interface {}]interface {}{${parts.join(', ')}}`;
}

function formatScalar(content: YamlScalar): string {
  if (content === null) return 'interface {}(nil)';
  if (typeof content === 'string') return quote(content);
  if (typeof content === 'boolean') return String(content);
  if (content.type === 'float64') return formatFloat(content.value, 64);
  return content.type === 'int' ? String(content.value) : `0x${content.value.toString(16)}`;
}

/** fmt sorts the keys of a map: nil first, then by type, then by value. */
function compareKeys(a: YamlScalar, b: YamlScalar): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  if (rankA !== rankB) return rankA - rankB;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) return a.value < b.value ? -1 : 1;
  return 0;
}

/** Go orders types by where they lie in its binary; this is the order that was seen. */
function rankOf(key: YamlScalar): number {
  if (key === null) return 0;
  return TYPE_ORDER.indexOf(typeof key === 'object' ? key.type : typeof key);
}

const TYPE_ORDER = ['', 'string', 'uint64', 'int', 'float64', 'boolean'];
