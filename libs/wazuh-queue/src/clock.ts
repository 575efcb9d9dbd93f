import { setTimeout as delay } from 'node:timers/promises';

/** Time, as an argument: tests have their own. */
export interface Clock {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Resolves after the time, or when the signal aborts; with `idle` it does not keep the process alive. */
  readonly sleep: (ms: number, signal: AbortSignal, idle?: 'idle') => Promise<void>;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal, idle) => delay(ms, undefined, { signal, ref: idle === undefined }).catch(() => undefined),
};
