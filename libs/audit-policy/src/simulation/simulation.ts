import { type AuditEvent, LEVELS, type Level } from '@k8s-audit/audit-events';
import type { Policy, RequestAttributes } from '../model.ts';
import { attributesOfEvent } from './event-attributes.ts';
import { type Kept, KeptSums, subjectOf, type TopRows } from './kept.ts';
import { Tally } from './tally.ts';
import { type Timeline, TimelineBuilder } from './timeline.ts';

/** How the policy differs from the one it is compared with, in events of the recording. */
export interface Change {
  /** The other keeps them, this one does not. */
  readonly lost: number;
  readonly gained: number;
  /** Both keep them, this one with more of the bodies. */
  readonly raised: number;
  readonly lowered: number;
  /** `get pods: Metadata -> RequestResponse`, most events first. */
  readonly rows: TopRows;
}

export interface SimulationResult {
  readonly events: number;
  readonly recordedBytes: number;
  /** Between the first and the last event; 0 with fewer than two. */
  readonly spanSeconds: number;
  /**
   * What the recording has at all. A simulation cannot show what the policy under which it was recorded left out: a
   * stage that is missing here would be made, a level below the new one has no bodies.
   */
  readonly recorded: { readonly levels: Readonly<Record<string, number>>; readonly stages: Readonly<Record<string, number>> };
  readonly kept: Kept;
  readonly other: Kept | undefined;
  readonly change: Change | undefined;
  readonly timeline: Timeline | undefined;
}

/** Adds up what a policy would keep of recorded traffic, event by event, in memory that does not grow with it. */
export class Simulation {
  readonly #policy: KeptSums;
  readonly #other: KeptSums | undefined;
  readonly #changes = new Tally();
  readonly #counts = { lost: 0, gained: 0, raised: 0, lowered: 0 };
  readonly #timeline = new TimelineBuilder();
  readonly #levels = new Tally(8);
  readonly #stages = new Tally(8);
  #events = 0;
  #bytes = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(policy: Policy, against?: Policy) {
    this.#policy = new KeptSums(policy);
    this.#other = against && new KeptSums(against);
  }

  /** `recordedBytes`: the event's JSON as it was recorded. */
  add(event: AuditEvent, recordedBytes: number): void {
    const request = attributesOfEvent(event);
    this.#events++;
    this.#bytes += recordedBytes;
    this.#levels.add(event.level, recordedBytes, false);
    this.#stages.add(event.stage, recordedBytes, false);
    const level = this.#policy.add(event, recordedBytes, request);
    const otherLevel = this.#other?.add(event, recordedBytes, request);
    if (otherLevel !== undefined) this.#compare(level, otherLevel, request);
    const timeMs = Date.parse(event.stageTimestamp);
    this.#timeline.add(timeMs, level !== 'None', otherLevel !== undefined && otherLevel !== 'None');
    if (!Number.isFinite(timeMs)) return;
    this.#firstMs = Math.min(this.#firstMs, timeMs);
    this.#lastMs = Math.max(this.#lastMs, timeMs);
  }

  /** `count`: rows of each table. */
  result(count = 10): SimulationResult {
    const spanSeconds = this.#lastMs > this.#firstMs ? (this.#lastMs - this.#firstMs) / 1000 : 0;
    return {
      events: this.#events,
      recordedBytes: this.#bytes,
      spanSeconds,
      recorded: { levels: counted(this.#levels), stages: counted(this.#stages) },
      kept: this.#policy.result(count, spanSeconds),
      other: this.#other?.result(count, spanSeconds),
      change: this.#other && { ...this.#counts, rows: this.#changes.top(count) },
      timeline: this.#timeline.build(),
    };
  }

  #compare(level: Level, otherLevel: Level, request: RequestAttributes): void {
    if (level === otherLevel) return;
    const isMore = LEVELS.indexOf(level) > LEVELS.indexOf(otherLevel);
    if (level === 'None') this.#counts.lost++;
    else if (otherLevel === 'None') this.#counts.gained++;
    else if (isMore) this.#counts.raised++;
    else this.#counts.lowered++;
    this.#changes.add(`${request.verb} ${subjectOf(request)}: ${otherLevel} -> ${level}`, 0, false);
  }
}

function counted(tally: Tally): Readonly<Record<string, number>> {
  return Object.fromEntries(tally.top(8).rows.map(({ key, events }) => [key, events]));
}
