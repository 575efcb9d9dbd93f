import type { AuditEvent } from '@k8s-audit/audit-events';
import { type Enrichment, enrich } from '../enrichment.ts';
import { isLate } from './lateness.ts';
import { LIMIT_STEPS } from './limits.ts';
import type { TrustedProxies } from './source-address.ts';
import { type Detect, type Except, wireFields } from './wire-fields.ts';
import { type Shape, wireText } from './wire-text.ts';

export interface WireContext {
  readonly cluster: string;
  /** Which of the cluster's API servers sent it, when they were told apart. */
  readonly apiServer?: string;
  readonly nowMs: number;
  /** An event older than this is marked `late`. Default 5 minutes. */
  readonly lateAfterMs?: number;
  readonly trustedProxies: TrustedProxies;
  /** What the JSON may take of a datagram, in bytes of UTF-8. At least `MIN_BUDGET_BYTES`. */
  readonly budgetBytes: number;
  readonly detect?: Detect;
  readonly except?: Except;
}

/** One event as it goes into a datagram. */
export interface WireEvent {
  readonly json: string;
  /** Names of the fields that were shortened or left out; also in the event, as `k8s.trimmed`. */
  readonly trimmed: readonly string[];
  /** Sent on long after it happened; also in the event, as `k8s.late`. */
  readonly late: boolean;
}

/** The smallest budget: everything cut to its last limit still fits. Real ones are 60,000 and more. */
export const MIN_BUDGET_BYTES = 16_384;

/**
 * The wire event, version 1 (docs/reference/wire-event.md): one closed document an event, every value a string or a list of
 * strings, never longer than the budget and always valid JSON. Too long, it loses in this order: the bodies, annotations and
 * extra, long texts and lists, facts (`LIMIT_STEPS`).
 *
 * @throws {RangeError} when the budget is below `MIN_BUDGET_BYTES`
 */
export function shapeWireEvent(event: AuditEvent, context: WireContext): WireEvent {
  if (context.budgetBytes < MIN_BUDGET_BYTES) throw new RangeError(`a budget of ${context.budgetBytes} bytes is below ${MIN_BUDGET_BYTES}`);
  const enrichment = enrich(event);
  const late = isLate(event, context.nowMs, context.lateAfterMs);
  const shape: Shape = { event, enrichment, ...findings(event, enrichment, context, late), context, late };
  for (const limits of LIMIT_STEPS) {
    const shaped = wireText(shape, limits);
    if (fits(shaped.json, context.budgetBytes)) return { ...shaped, late };
  }
  throw new Error(`an event at its last limits is longer than ${context.budgetBytes} bytes`);
}

/** A UTF-16 unit becomes three bytes of UTF-8 at most, so most events need no count. */
function fits(json: string, budgetBytes: number): boolean {
  return json.length * 3 <= budgetBytes || Buffer.byteLength(json) <= budgetBytes;
}

const NONE: readonly string[] = [];

function findings(event: AuditEvent, enrichment: Enrichment, context: WireContext, late: boolean): Pick<Shape, 'detections' | 'excepted'> {
  if (context.detect === undefined) return { detections: NONE, excepted: NONE };
  const fields = wireFields(event, enrichment, context, late);
  const detections = context.detect(fields);
  return { detections, excepted: detections.length === 0 ? NONE : (context.except?.(fields, detections) ?? NONE) };
}
