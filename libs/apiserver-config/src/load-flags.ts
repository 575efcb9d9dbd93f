import { Failure } from '@k8s-audit/failure';

/** What a cluster is expected to send. Unknown: 500 events a second, ten times what a small busy cluster was measured at (67.8). */
export const DEFAULT_EVENTS_PER_SECOND = 500;

/** The rate of the largest known clusters is 1,000 (kubernetes PR 52934); beyond this a file or several receivers carry the load. */
const MAX_EVENTS_PER_SECOND = 20_000;

/** Bursts: of a real cluster's log the busiest second held 10 times the mean (677 of 67.8). */
const PEAK_FACTOR = 10;

/**
 * Every flag of an API server that decides how many audit events it can carry. Named as the flags are, without `--audit-webhook-`.
 * Source of the defaults that are replaced: k8s.io/apiserver v0.36.3 pkg/server/options/audit.go.
 */
export interface LoadFlags {
  /** `batch` always: a blocking mode makes every API request wait for the receiver (81 s and more when it is away). */
  readonly mode: 'batch';
  /** Events a POST. Default 400; with 1 (the guide) an API server delivers 10 events/s and loses the rest. */
  readonly batchMaxSize: number;
  /** Longest time an event waits for others. Default 30 s, which is how late an alert would be. */
  readonly batchMaxWaitSeconds: number;
  /** POSTs a second, and how many may go at once. Default 10 and 15. */
  readonly batchThrottleQps: number;
  readonly batchThrottleBurst: number;
  /** Events that wait in memory; beyond it they are dropped. Default 10,000. */
  readonly batchBufferSize: number;
  /** A batch is sent five times, 1, 1.5, 2.25 and 3.375 times this apart, and then dropped. Default 10 s. */
  readonly initialBackoffSeconds: number;
  /** Never: with it on, an event with a URI beyond 100 KiB is dropped, which hides the request. */
  readonly truncateEnabled: false;
}

/** What the flags promise, for the person who sets them. */
export interface LoadEstimate {
  /** Without loss, sustained: POSTs a second times events a POST. */
  readonly ceilingEventsPerSecond: number;
  /** A receiver that is away for less loses nothing (0 % jitter; the API server waits up to 20 % longer). */
  readonly survivedOutageSeconds: number;
  /** Memory that an API server needs for one such outage, at 2.5 KB an event (95 % are smaller: kubernetes PR 53417). */
  readonly outageMemoryBytes: number;
}

const TYPICAL_EVENT_BYTES = 2_500;

/**
 * @param eventsPerSecond of one API server, on average
 * @throws Failure EVENT_RATE_INVALID
 */
export function computeLoadFlags(eventsPerSecond: number = DEFAULT_EVENTS_PER_SECOND): LoadFlags {
  if (!Number.isFinite(eventsPerSecond) || eventsPerSecond <= 0 || eventsPerSecond > MAX_EVENTS_PER_SECOND)
    throw new Failure('EVENT_RATE_INVALID', `${eventsPerSecond} events a second is no rate that one API server can send by webhook.`, {
      hint: `Give the average of one API server, above 0 and up to ${MAX_EVENTS_PER_SECOND}.`,
    });
  const peak = eventsPerSecond * PEAK_FACTOR;
  // Bodies are batch times event size: small batches keep them small, until the number of requests itself becomes the load.
  const batchMaxSize = peak <= 20_000 ? 100 : 400;
  const batchThrottleQps = Math.max(50, Math.ceil(peak / batchMaxSize));
  return {
    mode: 'batch',
    batchMaxSize,
    batchMaxWaitSeconds: 1,
    batchThrottleQps,
    batchThrottleBurst: 2 * batchThrottleQps,
    // Four seconds at the ceiling: a burst that the throttle spreads out still fits.
    batchBufferSize: 4 * batchThrottleQps * batchMaxSize,
    initialBackoffSeconds: 30,
    truncateEnabled: false,
  };
}

export function estimateLoad(flags: LoadFlags, eventsPerSecond: number = DEFAULT_EVENTS_PER_SECOND): LoadEstimate {
  // Attempts at 0, 1, 2.5, 4.75 and 8.125 times the backoff (k8s.io/apiserver v0.36.3 pkg/util/webhook/webhook.go:42-49).
  const survivedOutageSeconds = Math.floor(8.125 * flags.initialBackoffSeconds);
  return {
    ceilingEventsPerSecond: flags.batchThrottleQps * flags.batchMaxSize,
    survivedOutageSeconds,
    outageMemoryBytes: Math.ceil(eventsPerSecond * survivedOutageSeconds * TYPICAL_EVENT_BYTES),
  };
}
