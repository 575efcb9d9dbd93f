/**
 * The pipeline's health, reported to Wazuh: every so often a look at the receiver, at what is in front of it and behind it; what is
 * wrong becomes health events, which take the notice lane past the spool.
 */
import { type HealthEvent, renderHealthEvent } from '@k8s-audit/event-pipeline';
import type { SpoolUsage } from '@k8s-audit/spool';
import { clusterLocation, frame, PLAIN_LOCATION } from '@k8s-audit/wazuh-message';
import type { BooksSnapshot } from '../books.ts';
import type { ScrapedApiServer } from '../health-configuration.ts';
import type { LiveConfiguration } from '../live-configuration.ts';
import type { Logger } from '../log.ts';
import type { TransportFigures } from '../open-transport.ts';
import type { Refusals } from '../refusals.ts';
import type { SourceFigures } from '../sources/source.ts';
import { readApiServerCounters } from './api-server-counters.ts';
import { CountedProblems } from './counted-problems.ts';
import type { HealthReport } from './health-report.ts';
import type { KnownApiServers } from './known-api-servers.ts';
import { lastingProblems } from './lasting-problems.ts';
import type { NoticeLane } from './notice-lane.ts';
import { heardFrom, type Observation } from './observation.ts';
import { problemKey } from './problem.ts';
import { ProblemLedger } from './problem-ledger.ts';

const SAVE_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;

export interface HealthParts {
  readonly live: Pick<LiveConfiguration, 'configuration' | 'trust' | 'failure'>;
  readonly books: () => BooksSnapshot;
  readonly refusals: Pick<Refusals, 'snapshot'>;
  readonly spool: () => SpoolUsage;
  readonly transport: () => TransportFigures;
  readonly sources: () => readonly SourceFigures[];
  readonly lateEvents: () => number;
  readonly lane: Pick<NoticeLane, 'push'>;
  readonly known: KnownApiServers;
  /** Where the cluster is shown as the agent's name; else everything comes from `k8s`. */
  readonly isNamed: boolean;
  readonly hostName: string;
  readonly log: Logger;
  readonly now: () => number;
}

export class Health {
  readonly #parts: HealthParts;
  readonly #counted = new CountedProblems();
  readonly #ledger: ProblemLedger;
  readonly #drops = new Map<string, Observation['apiServerDrops'][number]>();
  readonly #unavailable = new Map<string, string>();
  readonly #sent = new Map<string, { readonly event: HealthEvent; count: number }>();
  readonly #timer: NodeJS.Timeout;
  #lastScrapeMs = Number.NEGATIVE_INFINITY;
  #lastSaveMs: number;

  constructor(parts: HealthParts) {
    this.#parts = parts;
    this.#ledger = new ProblemLedger(parts.live.configuration.health.receiver ?? parts.hostName.slice(0, 63));
    this.#lastSaveMs = parts.now();
    this.look();
    this.#timer = setInterval(() => this.look(), parts.live.configuration.health.everySeconds * 1000).unref();
  }

  get report(): HealthReport {
    return {
      problems: this.#ledger.problems,
      sent: [...this.#sent.values()].map(({ event: { kind, state }, count }) => ({ kind, state, count })),
    };
  }

  /** Judges what there is to see at this moment. */
  look(): void {
    const { live, log, lane, now } = this.#parts;
    const nowMs = now();
    if (nowMs - this.#lastScrapeMs >= live.configuration.health.scrapeSeconds * 1000) {
      this.#lastScrapeMs = nowMs;
      void this.#scrape(live.configuration.health.apiServers);
    }
    const seen = this.#observe(nowMs);
    const { health } = live.configuration;
    const problems = [...lastingProblems(seen, health), ...this.#counted.look(seen)];
    for (const event of this.#ledger.look(problems, nowMs, health.repeatHours * HOUR_MS)) {
      log[event.state === 'resolved' ? 'info' : 'warn']({ event: `health-${event.state}`, ...event });
      lane.push({ key: problemKey(event), datagram: this.#datagramOf(event), onSent: () => this.#countSent(event) });
    }
    if (nowMs - this.#lastSaveMs >= SAVE_EVERY_MS) {
      this.#lastSaveMs = nowMs;
      void this.#save();
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#save();
  }

  #observe(nowMs: number): Observation {
    const { live, books, refusals, spool, transport, sources, lateEvents, known } = this.#parts;
    return {
      nowMs,
      heard: heardFrom(known.atStart, books()),
      refusals: refusals.snapshot(),
      spool: spool(),
      ends: live.trust.ends,
      migration: live.trust.migration,
      lateEvents: lateEvents(),
      daemonDropped: transport().pacing?.daemonDropped,
      apiServerDrops: [...this.#drops.values()],
      logGaps: sources()
        .filter(({ kind }) => kind === 'log')
        .map(({ cluster, apiServer, name, gaps }) => ({ cluster, apiServer, path: name, gaps })),
      configurationFailure: live.failure,
    };
  }

  #datagramOf(event: HealthEvent): Buffer {
    const location = this.#parts.isNamed && event.cluster !== undefined ? clusterLocation(event.cluster) : PLAIN_LOCATION;
    return frame(location, renderHealthEvent(event));
  }

  #countSent(event: HealthEvent): void {
    const key = `${event.kind} ${event.state}`;
    const sent = this.#sent.get(key) ?? { event, count: 0 };
    sent.count++;
    this.#sent.set(key, sent);
  }

  async #scrape(servers: readonly ScrapedApiServer[]): Promise<void> {
    for (const server of servers) {
      const { url, cluster, apiServer } = server;
      const counters = await readApiServerCounters(server);
      if (counters.kind === 'counters')
        this.#drops.set(url, { cluster, dropped: counters.dropped, ...(apiServer === undefined ? {} : { apiServer }) });
      const reason = counters.kind === 'unavailable' ? counters.reason : undefined;
      // Once, and not each minute, until it changes.
      if (reason !== undefined && reason !== this.#unavailable.get(url))
        this.#parts.log.warn({ event: 'api-server-unread', url, cluster, detail: reason });
      if (reason === undefined) this.#unavailable.delete(url);
      else this.#unavailable.set(url, reason);
    }
  }

  async #save(): Promise<void> {
    const { known, books, log } = this.#parts;
    await known
      .save(heardFrom(known.atStart, books()))
      .catch((error: unknown) => log.warn({ event: 'heard-unsaved', detail: (error as Error).message }));
  }
}
