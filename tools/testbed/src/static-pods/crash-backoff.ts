/** How long a container that ended must wait before it is started again. */
export interface CrashBackoff {
  readonly delayMs: number;
  readonly sinceMs: number;
}

export interface BackoffLimits {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** kubernetes v1.35.4 pkg/kubelet/kubelet.go: backOffPeriod, MaxCrashLoopBackOff. */
export const KUBELET_BACKOFF: BackoffLimits = { initialMs: 10_000, maxMs: 300_000 };

/**
 * After the end of a container: how long to wait, and what to remember. The first end costs nothing, the second 10 s, then twice as much each time
 * (client-go util/flowcontrol/backoff.go); ten quiet minutes are forgiveness.
 */
export function afterExit(
  before: CrashBackoff | undefined,
  endedAtMs: number,
  { initialMs, maxMs }: BackoffLimits,
): { readonly waitMs: number; readonly next: CrashBackoff } {
  if (before === undefined || endedAtMs - before.sinceMs > 2 * maxMs)
    return { waitMs: 0, next: { delayMs: initialMs, sinceMs: endedAtMs } };
  return { waitMs: before.delayMs, next: { delayMs: Math.min(2 * before.delayMs, maxMs), sinceMs: endedAtMs } };
}
