import { type AuditEvent, LEVELS, type Level, type Stage } from '@k8s-audit/audit-events';
import { createEvaluator, type Evaluator } from '../evaluation/evaluator.ts';
import { resourceOf } from '../explanation/mismatch.ts';
import type { Decision, Policy, RequestAttributes } from '../model.ts';
import { bytesAt, type EventBytes } from './event-bytes.ts';
import { type Sums, Tally, type TallyRow } from './tally.ts';

/** What a policy keeps of a recording. */
export interface Kept extends Readonly<Sums> {
  /** Per second of the recording; undefined when it has no length. */
  readonly eventsPerSecond: number | undefined;
  readonly bytesPerDay: number | undefined;
  /** Every level, `None` included: those are the events that are gone. */
  readonly byLevel: readonly RatedRow[];
  readonly byResource: RatedRows;
  readonly byVerb: RatedRows;
  readonly byUser: RatedRows;
  /** By index; how many events each rule decided, kept or not. */
  readonly byRule: readonly number[];
  /** Decided by no rule. */
  readonly byNoRule: number;
}

export interface RatedRow extends TallyRow {
  /** As for the whole. */
  readonly eventsPerSecond: number | undefined;
}

export interface RatedRows extends TopRows {
  readonly rows: readonly RatedRow[];
}

export interface TopRows {
  readonly rows: readonly TallyRow[];
  readonly others: Readonly<Sums> & { readonly keys: number };
}

/** Adds up one policy. */
export class KeptSums {
  readonly #evaluate: Evaluator;
  readonly #byRule: number[];
  #byNoRule = 0;
  readonly #byLevel = new Map<Level, Sums>(LEVELS.map((level) => [level, { events: 0, bytes: 0, unknownBodies: 0 }]));
  readonly #byResource = new Tally();
  readonly #byVerb = new Tally();
  readonly #byUser = new Tally();

  constructor(policy: Policy) {
    this.#evaluate = createEvaluator(policy);
    this.#byRule = policy.rules.map(() => 0);
  }

  /** The level at which the event is kept; `None` when it is not. */
  add(event: AuditEvent, recordedBytes: number, request: RequestAttributes): Level {
    const decision = this.#evaluate(request);
    if (decision.matchedRule === undefined) this.#byNoRule++;
    else this.#byRule[decision.matchedRule] = (this.#byRule[decision.matchedRule] ?? 0) + 1;
    const level = keptLevel(decision, event.stage as Stage);
    const bytes: EventBytes =
      level === 'None' ? { known: 0, unknownBody: false } : bytesAt(level, decision.omitManagedFields, event, recordedBytes, request);
    addSums(this.#byLevel.get(level), bytes);
    if (level === 'None') return level;
    this.#byResource.add(subjectOf(request), bytes.known, bytes.unknownBody);
    this.#byVerb.add(request.verb === '' ? '(none)' : request.verb, bytes.known, bytes.unknownBody);
    this.#byUser.add(request.user?.username ?? '(nobody)', bytes.known, bytes.unknownBody);
    return level;
  }

  result(count: number, spanSeconds: number): Kept {
    const kept = [...this.#byLevel].filter(([level]) => level !== 'None').map(([, sums]) => sums);
    const total = (name: keyof Sums): number => kept.reduce((sum, sums) => sum + sums[name], 0);
    const perSecond = (amount: number): number | undefined => (spanSeconds > 0 ? amount / spanSeconds : undefined);
    const bytesPerSecond = perSecond(total('bytes'));
    const rated = (row: TallyRow): RatedRow => ({ ...row, eventsPerSecond: perSecond(row.events) });
    const topOf = (tally: Tally): RatedRows => {
      const { rows, others } = tally.top(count);
      return { rows: rows.map(rated), others };
    };
    return {
      events: total('events'),
      bytes: total('bytes'),
      unknownBodies: total('unknownBodies'),
      eventsPerSecond: perSecond(total('events')),
      bytesPerDay: bytesPerSecond === undefined ? undefined : bytesPerSecond * SECONDS_PER_DAY,
      byLevel: [...this.#byLevel].map(([key, sums]) => rated({ key, ...sums })),
      byResource: topOf(this.#byResource),
      byVerb: topOf(this.#byVerb),
      byUser: topOf(this.#byUser),
      byRule: [...this.#byRule],
      byNoRule: this.#byNoRule,
    };
  }
}

const SECONDS_PER_DAY = 86_400;

/** A stage that is omitted is an event that is not made. */
function keptLevel({ level, omitStages }: Decision, stage: Stage): Level {
  return omitStages.includes(stage) ? 'None' : level;
}

/** The resource, or the path of what is none. */
export function subjectOf(request: RequestAttributes): string {
  return request.resourceRequest ? resourceOf(request) : request.path;
}

function addSums(sums: Sums | undefined, { known, unknownBody }: EventBytes): void {
  if (sums === undefined) return;
  sums.events++;
  sums.bytes += known;
  if (unknownBody) sums.unknownBodies++;
}
