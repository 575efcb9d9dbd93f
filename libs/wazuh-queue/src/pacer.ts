/**
 * Decides how much may be sent, so that no event is dropped in a queue behind the socket.
 *
 * It hands out credit, not a rate: one look at the daemon's queues grants as many events as would fill them to a part
 * (`fillTo`) of their size. The daemon only empties them meanwhile, so whatever its speed, our events find room; other
 * senders have the rest. The credit used up, or old, it looks again: a slow daemon slows us down by itself.
 *
 * Where the daemon tells nothing, a fixed ceiling holds, which can only be a guess; `figures().source` says so.
 */
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import type { LoadSample, ReadLoad } from './load.ts';

export interface PacerOptions {
  readonly readLoad: ReadLoad;
  /** Events a second while the daemon tells nothing. */
  readonly ceilingPerSecond: number;
  /** The part of a queue that we may fill: 0.5 by default. */
  readonly fillTo?: number;
  /** When the source of the figures changes, and when the daemon has dropped events. */
  readonly onChange?: (change: PacerChange) => void;
  readonly clock?: Clock;
}

export type PacerChange =
  | { readonly kind: 'source'; readonly source: PacerFigures['source']; readonly reason?: string }
  /** The daemon's own count went up: events of whatever sender, lost behind us. */
  | { readonly kind: 'daemon-dropped'; readonly events: number };

export interface PacerFigures {
  readonly source: 'getstats' | 'state-file' | 'agent-state' | 'ceiling' | 'unknown';
  /** Of the fullest queue that drops, 0 to 1, at the last look. */
  readonly queueUsage: number | undefined;
  /** Counted by the daemon since our first look. */
  readonly daemonDropped: number;
  readonly admitted: number;
  /** Time that callers were held back. */
  readonly heldMs: number;
}

/** For one sender: its calls come one after another, and what was admitted was sent before the next. */
export interface Pacer {
  /** Waits until at least one event may be sent. @returns how many of `wanted`; 0 when the signal aborted */
  admit(wanted: number, signal?: AbortSignal): Promise<number>;
  /** No more than this many of the events that were admitted are still inside the daemon, as far as it told. */
  backlog(): number;
  figures(): PacerFigures;
  /** Ends every wait. */
  close(): void;
}

/** Credit is not believed for longer: other senders fill the queues too. */
const CREDIT_LIFE_MS = 1000;
/** Looks at full queues come no faster. */
const MIN_LOOK_MS = 20;
const MAX_LOOK_MS = 500;
/** While the daemon tells nothing it is asked again after this. */
const RETRY_MS = 5000;
/** In quiet times the daemon is looked at until it has worked everything off, so that `backlog` does not stay at a past state. */
const SETTLE_MS = 1000;
/** What a ceiling may hand out at once, as a part of a second. */
const BURST_SECONDS = 0.1;

export function createPacer(options: PacerOptions): Pacer {
  return new CreditPacer(options);
}

class CreditPacer implements Pacer {
  private readonly options: PacerOptions;
  private readonly clock: Clock;
  private readonly fillTo: number;
  private sample: LoadSample | undefined;
  private sampledAtMs = Number.NEGATIVE_INFINITY;
  private credit = 0;
  private creditAtMs = Number.NEGATIVE_INFINITY;
  private admittedSinceLook = 0;
  private tokens = 0;
  private tokensAtMs: number;
  private source: PacerFigures['source'] = 'unknown';
  private lastDropped: number | undefined;
  private daemonDropped = 0;
  private admitted = 0;
  private admittedAtMs = Number.NEGATIVE_INFINITY;
  private settling: Promise<void> | undefined;
  private readonly closing = new AbortController();
  private heldMs = 0;

  constructor(options: PacerOptions) {
    this.options = options;
    this.clock = options.clock ?? SYSTEM_CLOCK;
    this.fillTo = options.fillTo ?? 0.5;
    this.tokensAtMs = this.clock.now();
  }

  async admit(wanted: number, given?: AbortSignal): Promise<number> {
    const signal = given ? AbortSignal.any([given, this.closing.signal]) : this.closing.signal;
    const startedMs = this.clock.now();
    let waitMs = MIN_LOOK_MS;
    let granted = 0;
    while (wanted > 0 && !signal.aborted) {
      await this.lookIfNeeded();
      granted = Math.min(wanted, this.available());
      if (granted > 0) break;
      await this.clock.sleep(this.source === 'ceiling' ? this.msUntilToken() : waitMs, signal);
      waitMs = Math.min(MAX_LOOK_MS, waitMs * 2);
    }
    this.heldMs += this.clock.now() - startedMs;
    this.take(granted);
    this.settling ??= this.settle();
    return granted;
  }

  backlog(): number {
    if (this.sample?.kind !== 'load') return 0;
    return this.admittedSinceLook + this.sample.queues.reduce((sum, queue) => sum + queue.used, 0);
  }

  figures(): PacerFigures {
    const dropping = this.sample?.kind === 'load' ? this.sample.queues.filter((queue) => queue.drops) : [];
    const queueUsage = dropping.length > 0 ? Math.max(...dropping.map((queue) => queue.used / queue.size)) : undefined;
    return { source: this.source, queueUsage, daemonDropped: this.daemonDropped, admitted: this.admitted, heldMs: this.heldMs };
  }

  close(): void {
    this.closing.abort();
  }

  private async lookIfNeeded(): Promise<void> {
    const nowMs = this.clock.now();
    const isFresh =
      this.source === 'ceiling' ? nowMs - this.sampledAtMs < RETRY_MS : this.credit > 0 && nowMs - this.creditAtMs < CREDIT_LIFE_MS;
    if (!isFresh) await this.look();
  }

  private async settle(): Promise<void> {
    do {
      await this.clock.sleep(SETTLE_MS, this.closing.signal, 'idle');
      if (this.clock.now() - this.admittedAtMs >= SETTLE_MS && this.source !== 'ceiling') await this.look();
    } while (this.backlog() > 0 && !this.closing.signal.aborted);
    this.settling = undefined;
  }

  private async look(): Promise<void> {
    const sample = await this.options.readLoad();
    this.sampledAtMs = this.clock.now();
    if (sample.kind === 'load') this.learn(sample);
    else this.turnTo('ceiling', sample.reason);
    this.sample = sample;
  }

  private learn(sample: Extract<LoadSample, { kind: 'load' }>): void {
    this.turnTo(sample.source);
    if (sample.dropped !== undefined) {
      // A smaller count than before is that of a daemon that has restarted.
      const before = this.lastDropped ?? sample.dropped;
      const events = sample.dropped >= before ? sample.dropped - before : sample.dropped;
      this.lastDropped = sample.dropped;
      this.daemonDropped += events;
      if (events > 0) this.options.onChange?.({ kind: 'daemon-dropped', events });
    }
    if (this.sample?.kind === 'load' && this.sample.mark === sample.mark) return;
    this.admittedSinceLook = 0;
    this.creditAtMs = this.clock.now();
    this.credit = Math.max(
      0,
      Math.min(...sample.queues.filter((queue) => queue.drops).map((queue) => Math.floor(queue.size * this.fillTo) - queue.used)),
    );
  }

  private available(): number {
    if (this.source !== 'ceiling') return this.credit;
    const nowMs = this.clock.now();
    const perMs = this.options.ceilingPerSecond / 1000;
    const most = Math.max(1, this.options.ceilingPerSecond * BURST_SECONDS);
    this.tokens = Math.min(most, this.tokens + (nowMs - this.tokensAtMs) * perMs);
    this.tokensAtMs = nowMs;
    return Math.floor(this.tokens);
  }

  private take(count: number): void {
    this.admitted += count;
    this.admittedAtMs = this.clock.now();
    this.admittedSinceLook += count;
    if (this.source === 'ceiling') this.tokens -= count;
    else this.credit -= count;
  }

  private msUntilToken(): number {
    return Math.max(1, ((1 - this.tokens) * 1000) / this.options.ceilingPerSecond);
  }

  private turnTo(source: PacerFigures['source'], reason?: string): void {
    if (source === this.source) return;
    this.source = source;
    this.credit = 0;
    this.tokens = 0;
    this.tokensAtMs = this.clock.now();
    this.options.onChange?.({ kind: 'source', source, ...(reason === undefined ? {} : { reason }) });
  }
}
