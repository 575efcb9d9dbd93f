import { readFileSync } from 'node:fs';

const RECORDED = new URL('../../../fixtures/recorded/', import.meta.url);

/** Real events of about that size, and the list that a webhook would post of them. */
export interface EventSample {
  readonly name: string;
  readonly events: number;
  /** Of one event, on average. */
  readonly eventBytes: number;
  readonly body: Buffer;
}

/** Metadata events of 0.9 to 1.5 KB, and RequestResponse events of 6 to 16 KB; 400 of each, as in a default batch. */
export function eventSamples(): readonly EventSample[] {
  return [
    sample('1 KB', 'guide-policy', (event, bytes) => event.level === 'Metadata' && bytes > 900 && bytes < 1_500),
    sample('10 KB', 'request-response', (event, bytes) => event.level === 'RequestResponse' && bytes > 6_000 && bytes < 16_000),
  ];
}

const EVENTS = 400;

function sample(name: string, file: string, fits: (event: { level: string }, bytes: number) => boolean): EventSample {
  const lines = readFileSync(new URL(`${file}.eventlists.jsonl`, RECORDED), 'utf8')
    .trim()
    .split('\n');
  const recorded = lines
    .flatMap((line) => JSON.parse(line).items as { level: string }[])
    .map((event) => ({ event, text: goJson(event) }))
    .filter(({ event, text }) => fits(event, text.length))
    .map(({ text }) => text);
  if (recorded.length === 0) throw new Error(`no recorded event fits the sample ${name}`);
  const events = Array.from({ length: EVENTS }, (_, index) => recorded[index % recorded.length] as string);
  const body = Buffer.from(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.join(',')}]}\n`);
  return { name, events: EVENTS, eventBytes: Math.round(body.length / EVENTS), body };
}

/** Go's encoder escapes these three, as the API server sends them. */
function goJson(event: unknown): string {
  return JSON.stringify(event).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
