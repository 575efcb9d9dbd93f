import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

/** kube-apiserver's own default is 400, ours 100 (docs/decisions/0008-api-server-flags.md). */
const EVENTS_PER_LIST = 100;

/** One request's worth of a recording. */
export interface RecordedList {
  /** An EventList as JSON, ready to be posted. */
  readonly body: string;
  readonly events: number;
  /** When the last of its events happened, milliseconds since 1970; undefined where none of them says. */
  readonly atMs: number | undefined;
  /** Bytes read of the file so far, for the progress line. */
  readonly readBytes: number;
}

export interface ReadOptions {
  /** Single events of a longer time than this are not put into one list. */
  readonly maxSpanMs?: number;
}

/**
 * Reads a recording line by line: EventLists (one a line, as posted) or single events (JSON Lines, as in an audit log),
 * mixed as they may be; single events are put into lists. A `.gz` file is unpacked. Blank lines are passed over.
 *
 * A line that is no JSON is handed on as it is: what the receiver says of it is the answer that the user wants.
 */
export async function* readEventLists(
  file: string,
  { maxSpanMs = Number.POSITIVE_INFINITY }: ReadOptions = {},
): AsyncGenerator<RecordedList> {
  const stream = createReadStream(file);
  const input = file.endsWith('.gz') ? stream.pipe(createGunzip()) : stream;
  let singles: string[] = [];
  let [firstMs, lastMs]: [number | undefined, number | undefined] = [undefined, undefined];
  const flush = function* (): Generator<RecordedList> {
    if (singles.length === 0) return;
    yield { body: listOf(singles), events: singles.length, atMs: lastMs, readBytes: stream.bytesRead };
    singles = [];
    [firstMs, lastMs] = [undefined, undefined];
  };
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const { kind, events, atMs } = documentIn(line);
    if (kind === 'single') {
      if (atMs !== undefined && firstMs !== undefined && atMs - firstMs > maxSpanMs) yield* flush();
      singles.push(line);
      firstMs ??= atMs;
      lastMs = latest(lastMs, atMs);
      if (singles.length === EVENTS_PER_LIST) yield* flush();
      continue;
    }
    yield* flush();
    yield { body: line, events, atMs, readBytes: stream.bytesRead };
  }
  yield* flush();
}

interface RecordedDocument {
  readonly kind: 'list' | 'single' | 'other';
  readonly events: number;
  readonly atMs?: number | undefined;
}

function documentIn(line: string): RecordedDocument {
  try {
    const value = JSON.parse(line) as { kind?: unknown; items?: unknown } | null;
    if (Array.isArray(value?.items))
      return { kind: 'list', events: value.items.length, atMs: value.items.map(timeOf).reduce(latest, undefined) };
    return value?.kind === 'Event' ? { kind: 'single', events: 1, atMs: timeOf(value) } : { kind: 'other', events: 0 };
  } catch {
    return { kind: 'other', events: 0 }; // no JSON: posted as it is
  }
}

function timeOf(event: unknown): number | undefined {
  const { stageTimestamp } = (event ?? {}) as { readonly stageTimestamp?: unknown };
  const ms = typeof stageTimestamp === 'string' ? Date.parse(stageTimestamp) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function listOf(events: readonly string[]): string {
  return `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.join(',')}]}\n`;
}
