import type { HopFinding, HopId } from './hop.ts';

/** What one hop is found to be, before it is known which. */
export type Verdict = Omit<Extract<HopFinding, { state: 'ok' | 'unseen' }>, 'hop'> | Omit<Extract<HopFinding, { state: 'broken' }>, 'hop'>;

/** Of the hops that were reached. */
export type Verdicts = Partial<Record<HopId, Verdict>>;

export function broken(seen: string, next: string): Verdict {
  return { state: 'broken', seen, next };
}

/** The latency between two moments, where both are known; clocks of one machine do not go back by more than their rounding. */
export function since(fromMs: number | undefined, toMs: number | undefined): { readonly latencyMs?: number } {
  return fromMs === undefined || toMs === undefined ? {} : { latencyMs: Math.max(0, toMs - fromMs) };
}

/** The same for several hops. */
export function unseen(seen: string, hops: readonly HopId[]): Verdicts {
  return Object.fromEntries(hops.map((hop) => [hop, { state: 'unseen', seen }]));
}
