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
  /** Bytes read of the file so far, for the progress line. */
  readonly readBytes: number;
}

/**
 * Reads a recording line by line: EventLists (one a line, as posted) or single events (JSON Lines, as in an audit log),
 * mixed as they may be; single events are put into lists. A `.gz` file is unpacked. Blank lines are passed over.
 *
 * A line that is no JSON is handed on as it is: what the receiver says of it is the answer that the user wants.
 */
export async function* readEventLists(file: string): AsyncGenerator<RecordedList> {
  const stream = createReadStream(file);
  const input = file.endsWith('.gz') ? stream.pipe(createGunzip()) : stream;
  let singles: string[] = [];
  const flush = function* (): Generator<RecordedList> {
    if (singles.length === 0) return;
    yield { body: listOf(singles), events: singles.length, readBytes: stream.bytesRead };
    singles = [];
  };
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const items = itemsOf(line);
    if (items === 'single') {
      singles.push(line);
      if (singles.length === EVENTS_PER_LIST) yield* flush();
      continue;
    }
    yield* flush();
    yield { body: line, events: items, readBytes: stream.bytesRead };
  }
  yield* flush();
}

function itemsOf(line: string): number | 'single' {
  try {
    const value = JSON.parse(line) as { kind?: unknown; items?: unknown } | null;
    if (Array.isArray(value?.items)) return value.items.length;
    return value?.kind === 'Event' ? 'single' : 0;
  } catch {
    return 0; // no JSON: posted as it is
  }
}

function listOf(events: readonly string[]): string {
  return `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.join(',')}]}\n`;
}
