import type { Data, Entry, Span } from '../go-json/data.ts';
import { renderScalar } from '../scalar-text.ts';
import { comparePlaces, type Edit } from './finding.ts';
import type { SourceText } from './source-text.ts';

/**
 * Changes of a policy's text that leave everything else in it as it is: comments, order, quotes, line breaks.
 * `undefined`: not where that can be done by changing a range (an anchor, a tag, a block scalar, a comment in between).
 */
export type Edits = readonly Edit[] | undefined;

/** Another value for a string, in the quotes that it has. */
export function replaceString(text: SourceText, data: Data, value: string): Edits {
  if (data.kind !== 'string') return undefined;
  const written = text.slice(data);
  if (/^[&!*|>]/.test(written) || /[\r\n]/.test(written)) return undefined;
  if (written.startsWith('"')) return [{ place: data.place, end: data.end, text: JSON.stringify(value) }];
  if (written.startsWith("'")) return [{ place: data.place, end: data.end, text: `'${value.replaceAll("'", "''")}'` }];
  return [{ place: data.place, end: data.end, text: renderScalar(value) }];
}

/** Another name for a field. */
export function renameKey(text: SourceText, entry: Entry, name: string): Edits {
  const span = { place: entry.keyPlace, end: entry.keyEnd };
  const quoted = /^"/.test(text.slice(span));
  return text.slice(span) === (quoted ? JSON.stringify(entry.key) : entry.key)
    ? [{ ...span, text: quoted ? JSON.stringify(name) : name }]
    : undefined;
}

/** A list without one of its items; not the last one left. */
export function removeItem(text: SourceText, list: Data, index: number): Edits {
  if (list.kind !== 'array' || list.items.length < 2) return undefined;
  const item = list.items[index];
  if (item === undefined) return undefined;
  if (isFlow(text, list)) return removeFlow(text, list.items, index);
  const before = text.line(item.place.line).slice(0, item.place.column - 1);
  return /^\s*-\s+$/.test(before) ? removeLines(text, item) : undefined;
}

/** An object without one of its entries. */
export function removeEntry(text: SourceText, object: Data, entry: Entry): Edits {
  if (object.kind !== 'object') return undefined;
  const spans = object.entries.map(spanOf).toSorted((a, b) => comparePlaces(a.place, b.place));
  const span = spanOf(entry);
  const index = spans.findIndex(({ place }) => comparePlaces(place, span.place) === 0);
  if (isFlow(text, object)) return removeFlow(text, spans, index);
  const before = text.line(span.place.line).slice(0, span.place.column - 1);
  if (/^\s*$/.test(before)) return removeLines(text, span);
  const next = spans[index + 1];
  // After the dash of a list the next entry takes its place.
  if (!/^\s*-\s+$/.test(before) || next === undefined || !endsItsLine(text, span)) return undefined;
  const removed: Edit = { place: span.place, end: next.place, text: '' };
  return text.slice(removed).slice(text.slice(span).length).includes('#') ? undefined : [removed];
}

/** From the key to the end of the value. */
export function spanOf({ keyPlace, value }: Entry): Span {
  return { place: keyPlace, end: value.end };
}

export function isFlow(text: SourceText, data: Data): boolean {
  return /^[[{]/.test(text.text.slice(text.offset(data.place)).slice(0, 1));
}

/** Whether only a comment follows on the line where something ends. */
export function endsItsLine(text: SourceText, { end }: Span): boolean {
  return /^\s*(?:#.*)?$/.test(text.text.slice(text.offset(end)).split(/[\r\n\u0085\u2028\u2029]/, 1)[0] ?? '');
}

function removeFlow(text: SourceText, spans: readonly Span[], index: number): Edits {
  const [span, before, after] = [spans[index], spans[index - 1], spans[index + 1]];
  if (span === undefined) return undefined;
  const removed = { place: before !== undefined && after === undefined ? before.end : span.place, end: after?.place ?? span.end, text: '' };
  return /#/.test(text.slice(removed).replace(text.slice(span), '')) ? undefined : [removed];
}

/** With the comment on the same line, which is about what goes. */
function removeLines(text: SourceText, span: Span): Edits {
  if (!endsItsLine(text, span) || /^[&!*]/.test(text.slice(span))) return undefined;
  return [{ place: { line: span.place.line, column: 1 }, end: { line: span.end.line + 1, column: 1 }, text: '' }];
}
