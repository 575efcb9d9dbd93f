import { type Data, DataError, type Entry, MAX_DEPTH, type Place } from '../go-json/data.ts';
import { compareText } from '../go-text/compare.ts';
import { formatFloat, formatJsonFloat } from '../go-text/float.ts';
import { ask, run, type Step } from '../trampoline.ts';
import { formatGoSyntax } from './go-syntax.ts';
import type { Mark } from './mark.ts';
import type { YamlScalar } from './resolve.ts';
import { isCollection, type YamlMap, type YamlMapEntry, type YamlValue } from './yaml-value.ts';

/**
 * A YAML value as the JSON that sigs.k8s.io/yaml v1.6.0 makes of it: keys become strings, and an object's keys are
 * sorted, because Go's encoder sorts them. That order shows in the order of errors.
 *
 * @throws {DataError} for a key or a number that JSON does not have
 */
export function toData(value: YamlValue): Data {
  // sigs.k8s.io/yaml looks at all keys before Go's encoder looks at the first number.
  run(checkKeys(value));
  return run(convert(value, 1));
}

function* checkKeys(value: YamlValue): Step<void> {
  if (!isCollection(value.content)) return;
  if (value.content.type === 'list') {
    for (const item of value.content.items) yield* ask(checkKeys(item));
    return;
  }
  for (const entry of value.content.entries.values()) {
    if (keyText(entry.key) === undefined) throw new DataError(unsupportedKey(entry.key, entry.value), placeOf(entry.keyMark));
    yield* ask(checkKeys(entry.value));
  }
}

function* convert(value: YamlValue, depth: number): Step<Data> {
  const place = placeOf(value.mark);
  const end = placeOf(value.end);
  const content = value.content;
  if (!isCollection(content)) return convertScalar(content, place, end);
  if (depth > MAX_DEPTH) throw new DataError("couldn't get version/kind; json parse error: exceeded max depth", place);
  if (content.type === 'list') {
    const items: Data[] = [];
    for (const item of content.items) items.push(yield* ask(convert(item, depth + 1)));
    return { kind: 'array', place, end, items };
  }
  const entries: Entry[] = [];
  for (const [key, entry] of sortedEntries(content))
    entries.push({
      key,
      keyPlace: placeOf(entry.keyMark),
      keyEnd: placeOf(entry.keyEnd),
      value: yield* ask(convert(entry.value, depth + 1)),
    });
  return { kind: 'object', place, end, entries };
}

/** `1` and `"1"` become one key; Go keeps one of them by chance, we the last. */
function sortedEntries(map: YamlMap): [string, YamlMapEntry][] {
  const byText = new Map([...map.entries.values()].map((entry) => [keyText(entry.key) ?? '', entry]));
  return [...byText].sort(([a], [b]) => compareText(a, b));
}

function convertScalar(content: YamlScalar, place: Place, end: Place): Data {
  if (content === null) return { kind: 'null', place, end };
  if (typeof content === 'boolean') return { kind: 'bool', place, end, value: content };
  if (typeof content === 'string') return { kind: 'string', place, end, value: content };
  if (content.type !== 'float64') return { kind: 'number', place, end, text: String(content.value) };
  if (!Number.isFinite(content.value)) throw new DataError(`json: unsupported value: ${formatFloat(content.value, 64)}`, place);
  return { kind: 'number', place, end, text: formatJsonFloat(content.value) };
}

function keyText(key: YamlScalar): string | undefined {
  if (typeof key === 'string') return key;
  if (typeof key === 'boolean') return String(key);
  if (key === null || key.type !== 'float64') return key?.type === 'int' ? String(key.value) : undefined;
  const text = formatFloat(key.value, 32);
  return { '+Inf': '.inf', '-Inf': '-.inf', NaN: '.nan' }[text] ?? text;
}

function unsupportedKey(key: YamlScalar, value: YamlValue): string {
  const type = key === null ? '%!s(<nil>)' : 'uint64';
  return `unsupported map key of type: ${type}, key: ${formatGoSyntax({ content: key, mark: value.mark, end: value.end })}, value: ${formatGoSyntax(value)}`;
}

export function placeOf(mark: Mark): Place {
  return { line: mark.line + 1, column: mark.column + 1 };
}
