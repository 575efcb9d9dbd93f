/** The thread for large events: one at a time, with all the time it needs. */
import { parentPort, workerData } from 'node:worker_threads';
import { createShaping, type ShapingSettings } from './event-shaping.ts';
import { withoutBodies } from './event-without-bodies.ts';
import type { LargeEventAnswer, LargeEventJob } from './large-events.ts';

/**
 * An event with more values than this is made for it, and loses its bodies: as a tree they take 100 bytes each. The largest pods and
 * lists that an API server writes have a tenth of it.
 */
const MAX_VALUES = 1_000_000;

const port = parentPort;
if (port === null) throw new Error('large-events.worker.ts runs as a worker');
const shaping = createShaping((workerData as { readonly settings: ShapingSettings }).settings);

port.on('message', (job: LargeEventJob) => port.postMessage(answerTo(job)));

function answerTo(job: LargeEventJob): LargeEventAnswer {
  const { id } = job;
  const whole = Buffer.from(job.item.buffer, job.item.byteOffset, job.item.byteLength);
  const tooMany = mostValues(whole) > MAX_VALUES;
  const bodiesLeftOut = tooMany ? { bodiesLeftOut: `more than ${MAX_VALUES} values` } : {};
  try {
    const item = tooMany ? withoutBodies(whole) : whole;
    if (job.kind === 'redact') return { id, kind: 'redacted', item: shaping.redact(item), ...bodiesLeftOut };
    return { id, kind: 'read', event: shaping.read({ item, origin: job.origin }, job.nowMs), ...bodiesLeftOut };
  } catch (error) {
    return { id, kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Each value but the first follows a comma or a bracket. Those in strings are counted, too: so it is never too few. */
function mostValues(item: Buffer): number {
  let count = 1;
  for (let at = 0; at < item.length; at++) {
    const byte = item[at] as number;
    if (byte === COMMA || (byte & BRACKET_MASK) === OPENING_BRACKET) count++;
  }
  return count;
}

const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
/** Makes a bracket of a brace. */
const BRACKET_MASK = 0xdf;
