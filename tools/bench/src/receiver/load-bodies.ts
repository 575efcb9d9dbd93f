import { type EventSample, eventSamples } from '../recorded-events.ts';

export interface LoadBody {
  readonly batch: number;
  /** `1 KB`, `10 KB`: about so much an event. */
  readonly size: string;
  readonly eventBytes: number;
  /** An EventList whose audit IDs the load generator replaces, each time by others. */
  readonly body: string;
}

/** Stands in receiver-go/load.go too. */
const MARKER = 'ffffffff-ffff-4fff-8fff-ffffffffffff';

export function loadBodies(batches: readonly number[], sizes: readonly string[]): readonly LoadBody[] {
  return eventSamples()
    .filter(({ name }) => sizes.includes(name))
    .flatMap((sample) => batches.map((batch) => loadBody(sample, batch)));
}

function loadBody({ name, body }: EventSample, batch: number): LoadBody {
  const { items } = JSON.parse(body.toString()) as { readonly items: readonly object[] };
  // For a batch of one the event that is nearest to the mean: the first might be an odd one.
  const texts = items.map((item) => JSON.stringify({ ...item, auditID: MARKER }));
  const mean = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  const sorted = texts.toSorted((a, b) => Math.abs(a.length - mean) - Math.abs(b.length - mean));
  const chosen = batch === 1 ? sorted.slice(0, 1) : texts.slice(0, batch);
  const list = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${chosen.join(',')}]}\n`;
  return { batch, size: name, eventBytes: Math.round(Buffer.byteLength(list) / batch), body: list };
}
