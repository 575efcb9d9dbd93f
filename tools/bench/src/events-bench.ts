/**
 * What an event costs before it reaches the socket, in microseconds of CPU, step by step and beside JSON.parse of the same
 * bytes in the same run: the machine's mood is in both. Lists of 400 recorded events arrive in chunks of 64 KiB, as from TLS.
 */
import { EventListScanner, parseAuditEvent, type ScannedEvent } from '@k8s-audit/audit-events';
import { detect } from '@k8s-audit/detections';
import {
  DEFAULT_REDACTION,
  dedupeKey,
  enrich,
  NO_TRUSTED_PROXIES,
  needsRedaction,
  redactItem,
  shapeWireEvent,
} from '@k8s-audit/event-pipeline';
import { type Bench, median } from './bench.ts';
import { type EventSample, eventSamples } from './recorded-events.ts';

const CHUNK_BYTES = 65_536;
/** Long enough that the clock's grain and a collection of garbage do not matter. */
const ROUND_MS = 300;

export const benchEvents: Bench = async ({ rounds }) => {
  const rows = eventSamples().map((sample) => measureSample(sample, rounds));
  const ratios = Object.fromEntries(rows.map((row) => [`scan/JSON.parse ${row.sample}`, row.cpuUs['scan'] / row.cpuUs['JSON.parse']]));
  return { text: rows.map(render).join('\n\n'), figures: { rows, ratios } };
};

type Step = 'JSON.parse' | 'JSON.parse + stringify' | 'scan' | 'accept' | 'parse' | 'dedupe key' | 'enrich' | 'shape' | 'deliver';

interface Row {
  readonly sample: string;
  readonly eventBytes: number;
  /** Microseconds of CPU an event. */
  readonly cpuUs: Readonly<Record<Step, number>>;
}

function measureSample(sample: EventSample, rounds: number): Row {
  const items = scan(sample.body, false).map((item) => Buffer.from(item.bytes));
  const events = items.map((item) => {
    const parsed = parseAuditEvent(item);
    if (parsed.kind === 'refused') throw new Error(parsed.reason);
    return parsed.event;
  });
  const context = { cluster: 'prod-eu', nowMs: Date.now(), trustedProxies: NO_TRUSTED_PROXIES, budgetBytes: 65_500, detect };
  const steps: Readonly<Record<Step, () => void>> = {
    'JSON.parse': () => void JSON.parse(sample.body.toString()),
    'JSON.parse + stringify': () => {
      for (const event of JSON.parse(sample.body.toString()).items) Buffer.from(JSON.stringify(event));
    },
    scan: () => void scan(sample.body, false),
    accept: () => {
      for (const item of scan(sample.body, true)) if (item.sensitive) redactItem(item.bytes, DEFAULT_REDACTION);
    },
    parse: () => {
      for (const item of items) parseAuditEvent(item);
    },
    'dedupe key': () => {
      for (const event of events) dedupeKey('prod-eu', event);
    },
    enrich: () => {
      for (const event of events) enrich(event);
    },
    shape: () => {
      for (const event of events) shapeWireEvent(event, context);
    },
    deliver: () => {
      for (const item of items) {
        const parsed = parseAuditEvent(item);
        if (parsed.kind === 'refused') continue;
        dedupeKey('prod-eu', parsed.event);
        Buffer.from(shapeWireEvent(parsed.event, context).json);
      }
    },
  };
  const measured = new Map<Step, number[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const [step, run] of Object.entries(steps) as [Step, () => void][]) {
      const cpuUs = cpuUsOf(run) / sample.events;
      // The first round warms up.
      if (round > 0) measured.set(step, [...(measured.get(step) ?? []), cpuUs]);
    }
  }
  const cpuUs = Object.fromEntries([...measured].map(([step, values]) => [step, median(values)])) as Record<Step, number>;
  return { sample: sample.name, eventBytes: sample.eventBytes, cpuUs };
}

function scan(body: Buffer, asksForSecrets: boolean): readonly ScannedEvent[] {
  const scanner = new EventListScanner(
    asksForSecrets ? { isSensitive: (item, members) => needsRedaction(item, members, DEFAULT_REDACTION) } : {},
  );
  const items: ScannedEvent[] = [];
  for (let at = 0; at < body.length; at += CHUNK_BYTES) {
    for (const item of scanner.push(body.subarray(at, at + CHUNK_BYTES))) if (item.kind === 'event') items.push(item);
  }
  return items;
}

function cpuUsOf(run: () => void): number {
  const start = performance.now();
  const before = process.cpuUsage();
  let runs = 0;
  do {
    run();
    runs += 1;
  } while (performance.now() - start < ROUND_MS);
  const used = process.cpuUsage(before);
  return (used.user + used.system) / runs;
}

function render({ sample, eventBytes, cpuUs }: Row): string {
  const lines = (Object.entries(cpuUs) as [Step, number][]).map(
    ([step, us]) => `  ${step.padEnd(24)}${us.toFixed(2).padStart(9)} µs ${(us / cpuUs['JSON.parse']).toFixed(2).padStart(7)} ×`,
  );
  return [`events of ${sample} (${eventBytes} bytes), CPU an event, and in JSON.parses of the same list:`, ...lines].join('\n');
}
