import type { Environment } from './environment.ts';
import type { Notifier } from './notifier.ts';

export interface Watchdog {
  stop(): void;
}

/** sd_watchdog_enabled(3) says half; a third leaves room for one late turn of the event loop. */
const PINGS_PER_PERIOD = 3;

/**
 * Tells systemd (WatchdogSec=) that the service is alive, from a timer of the event loop: when the loop stands still no message
 * goes out, and systemd restarts the service. Nor does one while `isAlive` says no.
 */
export function startWatchdog(env: Environment, pid: number, notifier: Notifier, isAlive: () => boolean): Watchdog | undefined {
  const periodMs = Number(env['WATCHDOG_USEC']) / 1000;
  const isOurs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(pid);
  if (!isOurs || !Number.isFinite(periodMs) || periodMs <= 0) return undefined;
  const timer = setInterval(() => isAlive() && notifier.watchdog(), periodMs / PINGS_PER_PERIOD).unref();
  return { stop: () => clearInterval(timer) };
}
