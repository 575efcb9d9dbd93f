import { askReadiness, type Readiness } from './readiness.ts';

export interface AwaitRestartOptions {
  readonly url: string;
  /** False: it was not given a reason to restart, and must only be ready. */
  readonly expectRestart: boolean;
  readonly timeoutMs: number;
  /** Between two questions. Default 200: a restart takes seconds and cannot be missed. */
  readonly pollMs?: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told each time the picture changes. */
  readonly onState?: (state: Readiness) => void;
}

export type Restarted =
  | { readonly kind: 'ready' }
  /** It never stopped: nobody took up the new manifest. */
  | { readonly kind: 'not-restarted' }
  | { readonly kind: 'not-ready'; readonly reason: string }
  | { readonly kind: 'stopped' };

const POLL_MS = 200;
/** One that answers and then dies of a flag is not ready. */
const STABLE_ANSWERS = 5;

/** Waits until an API server has gone away and come back, and stays. */
export async function awaitRestart(options: AwaitRestartOptions): Promise<Restarted> {
  const { url, timeoutMs, signal, now, sleep, onState, pollMs = POLL_MS } = options;
  const until = now() + timeoutMs;
  let restarted = !options.expectRestart;
  let stable = 0;
  let last: Readiness = { kind: 'ready' };
  while (now() < until) {
    if (signal.aborted) return { kind: 'stopped' };
    const state = await askReadiness(url);
    if (state.kind !== last.kind) onState?.(state);
    last = state;
    if (state.kind === 'ready') stable++;
    else [restarted, stable] = [true, 0];
    if (restarted && stable >= STABLE_ANSWERS) return { kind: 'ready' };
    await sleep(pollMs);
  }
  if (last.kind === 'ready' && !restarted) return { kind: 'not-restarted' };
  return { kind: 'not-ready', reason: last.kind === 'ready' ? 'it comes and goes' : last.reason };
}
