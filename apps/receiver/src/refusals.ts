import type { Logger } from './log.ts';

/** Lines of one code in a window; what is beyond is counted and told with the next one. Whoever is refused must not fill the disk with it. */
const MAX_LINES = 10;
const WINDOW_MS = 10_000;

interface Window {
  readonly startedAtMs: number;
  lines: number;
  unlogged: number;
}

/** Requests and handshakes that were turned away, by HTTP status (0: before HTTP) and code: all counted, the first ones logged. */
export class Refusals {
  readonly #counts = new Map<string, number>();
  readonly #windows = new Map<string, Window>();
  readonly #log: Pick<Logger, 'warn'>;
  readonly #now: () => number;

  constructor(log: Pick<Logger, 'warn'>, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** @param details who, and what was wrong; never content of an event */
  report(status: number, code: string, details: Readonly<Record<string, unknown>>): void {
    const key = `${status} ${code}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    let window = this.#windows.get(key);
    const unlogged = window?.unlogged ?? 0;
    if (window === undefined || this.#now() - window.startedAtMs >= WINDOW_MS) {
      window = { startedAtMs: this.#now(), lines: 0, unlogged };
      this.#windows.set(key, window);
    }
    if (window.lines >= MAX_LINES) {
      window.unlogged++;
      return;
    }
    window.lines++;
    window.unlogged = 0;
    this.#log.warn({
      event: status === 0 ? 'connection-refused' : 'refused',
      status,
      code,
      ...details,
      ...(unlogged > 0 ? { unlogged } : {}),
    });
  }

  snapshot(): readonly { readonly status: number; readonly code: string; readonly count: number }[] {
    return [...this.#counts].map(([key, count]) => {
      const space = key.indexOf(' ');
      return { status: Number(key.slice(0, space)), code: key.slice(space + 1), count };
    });
  }
}
