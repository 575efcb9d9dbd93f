import type { HealthEvent, HealthKind } from '@k8s-audit/event-pipeline';
import { type Problem, problemKey } from './problem.ts';

interface Entry {
  readonly problem: Problem;
  readonly sinceMs: number;
  lastReportedMs: number;
  isOver: boolean;
}

/** A problem that comes and goes is reported once in this time. */
const FLAPPING_MS = 60 * 60_000;
/** A door that stands open is told of each day, whatever else is repeated how often. */
const DAILY: ReadonlySet<HealthKind> = new Set(['migration-open']);
const DAY_MS = 24 * 60 * 60_000;
/** Of one kind at one look; the others are summed up in one more. A network that fails must not make a thousand alerts. */
const MAX_OF_A_KIND = 10;

/**
 * Which problems have been reported, and what there is to report now: each problem when it begins, once more every `repeatMs` while it
 * lasts, and when it is over.
 */
export class ProblemLedger {
  readonly #receiver: string;
  readonly #entries = new Map<string, Entry>();

  constructor(receiver: string) {
    this.#receiver = receiver;
  }

  /** How many problems of each kind last. */
  get problems(): ReadonlyMap<HealthKind, number> {
    const counts = new Map<HealthKind, number>();
    for (const { problem, isOver } of this.#entries.values()) if (!isOver) counts.set(problem.kind, (counts.get(problem.kind) ?? 0) + 1);
    return counts;
  }

  look(problems: readonly Problem[], nowMs: number, repeatMs: number): readonly HealthEvent[] {
    const present = new Map(problems.map((problem) => [problemKey(problem), problem]));
    const events = [...this.#over(present, nowMs), ...this.#begunOrLasting(present, nowMs, repeatMs)];
    return summedUp(events);
  }

  #over(present: ReadonlyMap<string, Problem>, nowMs: number): readonly HealthEvent[] {
    const events: HealthEvent[] = [];
    for (const [key, entry] of this.#entries) {
      if (present.has(key)) continue;
      if (!entry.isOver) events.push(this.#event(entry.problem, 'resolved', entry.sinceMs));
      entry.isOver = true;
      if (nowMs - entry.lastReportedMs >= FLAPPING_MS) this.#entries.delete(key);
    }
    return events;
  }

  #begunOrLasting(present: ReadonlyMap<string, Problem>, nowMs: number, repeatMs: number): readonly HealthEvent[] {
    const events: HealthEvent[] = [];
    for (const [key, problem] of present) {
      const before = this.#entries.get(key);
      if (before === undefined) {
        this.#entries.set(key, { problem, sinceMs: nowMs, lastReportedMs: nowMs, isOver: false });
        events.push(this.#event(problem, 'problem', nowMs));
        continue;
      }
      const isDue =
        nowMs - before.lastReportedMs >= (before.isOver ? FLAPPING_MS : DAILY.has(problem.kind) ? Math.min(repeatMs, DAY_MS) : repeatMs);
      // It came back too soon: it waits, and its end is not reported either.
      if (!isDue) continue;
      const sinceMs = before.isOver ? nowMs : before.sinceMs;
      events.push(this.#event(problem, before.isOver ? 'problem' : 'lasting', sinceMs));
      this.#entries.set(key, { problem, sinceMs, lastReportedMs: nowMs, isOver: false });
    }
    return events;
  }

  #event(problem: Problem, state: HealthEvent['state'], sinceMs: number): HealthEvent {
    return { ...problem, state, sinceMs, receiver: this.#receiver };
  }
}

function summedUp(events: readonly HealthEvent[]): readonly HealthEvent[] {
  const groups = new Map<string, HealthEvent[]>();
  for (const event of events) {
    const key = `${event.kind} ${event.state}`;
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return [...groups.values()].flatMap((group) => {
    const rest = group.slice(MAX_OF_A_KIND);
    const [first] = rest;
    if (first === undefined) return group;
    const names = rest
      .map(({ cluster, apiServer, subject }) => subject ?? (apiServer === undefined ? cluster : `${cluster}/${apiServer}`))
      .join(', ');
    const { kind, state, receiver, sinceMs } = first;
    return [
      ...group.slice(0, MAX_OF_A_KIND),
      { kind, state, receiver, sinceMs, subject: 'others', count: rest.length, detail: `the same of ${rest.length} more: ${names}` },
    ];
  });
}
