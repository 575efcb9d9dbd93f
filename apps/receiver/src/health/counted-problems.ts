import type { HealthKind } from '@k8s-audit/event-pipeline';
import type { Observation } from './observation.ts';
import type { Problem } from './problem.ts';

/** A count that has not grown for this long is over. */
const QUIET_MS = 10 * 60_000;
/** Refusals that are an operator's load balancer or a full machine, not a client that should not be here. */
const HARMLESS_REFUSALS: ReadonlySet<string> = new Set([
  'no-event',
  'body-too-large',
  'encoded-body',
  'unknown-path',
  'method',
  'memory-budget',
]);

interface Growth {
  readonly lastTotal: number;
  /** Since it last began to grow. */
  readonly grown: number;
  readonly lastGrowthMs: number;
}

/** What is wrong while a count grows. Counts are remembered from look to look; the first look is where they start from. */
export class CountedProblems {
  readonly #growths = new Map<string, Growth>();

  look(seen: Observation): readonly Problem[] {
    const { nowMs, spool, lateEvents, daemonDropped } = seen;
    const unwelcome = seen.refusals.filter(({ status, code }) => status < 500 && !HARMLESS_REFUSALS.has(code));
    const codes = unwelcome
      .map(({ code, count }) => ({ code, grown: this.#grown(`refusal ${code}`, count, nowMs, 0) }))
      .filter(({ grown }) => grown > 0);
    const refused = codes.reduce((sum, { grown }) => sum + grown, 0);
    return [
      ...this.#problem(
        'clients-refused',
        refused,
        () => `${refused} requests or connections: ${codes.map(({ code, grown }) => `${code} ${grown}`).join(', ')}`,
      ),
      ...this.#problem(
        'spool-damaged',
        this.#grown('lost', spool.lostRecords, nowMs, 0),
        (count) => `${count} accepted events were lost to damage of the disk`,
      ),
      ...this.#problem(
        'events-late',
        this.#grown('late', lateEvents, nowMs, 0),
        (count) => `${count} events reached Wazuh long after they happened`,
      ),
      // The daemon counts from its own start, long before ours.
      ...this.#problem(
        'wazuh-drops',
        this.#grown('daemon', daemonDropped, nowMs),
        (count) => `Wazuh dropped ${count} events, of all its sources`,
      ),
      ...seen.logGaps.flatMap(({ cluster, apiServer, path, gaps }) =>
        this.#problem(
          'log-gap',
          this.#grown(`gap ${path}`, gaps, nowMs, 0),
          (count) => `events of ${path} may have been lost before they were read, ${count} ${count === 1 ? 'time' : 'times'}`,
        ).map((problem) => ({ ...problem, cluster, apiServer, subject: path })),
      ),
      ...seen.apiServerDrops.flatMap(({ cluster, apiServer, dropped }) =>
        this.#problem(
          'apiserver-drops',
          this.#grown(`drops ${cluster}/${apiServer ?? ''}`, dropped, nowMs),
          (count) => `an API server of cluster ${cluster} dropped ${count} audit events`,
        ).map((problem) => ({ ...problem, cluster, ...(apiServer === undefined ? {} : { apiServer }) })),
      ),
    ];
  }

  #problem(kind: HealthKind, count: number, detail: (count: number) => string): readonly Problem[] {
    return count > 0 ? [{ kind, count, detail: detail(count) }] : [];
  }

  /**
   * By how much a total grew since it last lay still; 0 when that is long ago. A total that fell is of a process that was started
   * anew: it counts from 0.
   *
   * @param from what it is compared with at the first look; without it, itself
   */
  #grown(name: string, total: number | undefined, nowMs: number, from?: number): number {
    const before =
      this.#growths.get(name) ?? (total === undefined ? undefined : { lastTotal: from ?? total, grown: 0, lastGrowthMs: nowMs });
    if (before === undefined) return 0;
    const more = total === undefined ? 0 : total >= before.lastTotal ? total - before.lastTotal : total;
    const isOver = more === 0 && nowMs - before.lastGrowthMs >= QUIET_MS;
    const growth = {
      lastTotal: total ?? before.lastTotal,
      grown: isOver ? 0 : before.grown + more,
      lastGrowthMs: more > 0 ? nowMs : before.lastGrowthMs,
    };
    this.#growths.set(name, growth);
    return growth.grown;
  }
}
