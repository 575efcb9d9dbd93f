import { Failure } from '@k8s-audit/failure';
import type { LoadedRuleset, Rule } from '@k8s-audit/wazuh-rules';
import { bytesOf } from './byte-string.ts';
import type { DocumentSettings } from './document/alert-document.ts';
import type { TechniqueLookup } from './document/mitre-object.ts';
import { techniqueOf } from './document/mitre-techniques.ts';
import { type Datagram, readDatagram } from './event/datagram.ts';
import type { EngineEvent } from './event/engine-event.ts';
import { decodeLog } from './event/json-decoder.ts';
import { predecode } from './event/predecoder.ts';
import { DecidedEvent, UndecidedEvent } from './event-verdict.ts';
import { explainEvent } from './explain/explain-event.ts';
import type { Explanation } from './explain/explanation.ts';
import { parseCdbList } from './rules/cdb-list.ts';
import type { CompiledRule } from './rules/compiled-rule.ts';
import { type CompiledRuleset, compileRuleset } from './rules/compiled-ruleset.ts';
import { EventEvaluation } from './rules/event-evaluation.ts';
import { createEventMemory, type EventMemory, type RememberedEvent } from './rules/event-memory.ts';
import { createRuleIndex } from './rules/rule-index.ts';
import { allChildren, type Search, type SearchResult, searchNode } from './rules/search.ts';
import type { Verdict } from './verdict.ts';

export interface EngineOptions {
  /** The manager's host name in alerts, default `wazuh-manager`. */
  readonly managerName?: string;
  /** CDB lists by the path that rules name: source text, `key:value` a line. */
  readonly lists?: ReadonlyMap<string, string | Uint8Array>;
  /** Local time of the manager: timestamps, `<time>`, `<weekday>`. Default 0, UTC. */
  readonly utcOffsetMinutes?: number;
  /** `rule.mitre`; default: the techniques built in. */
  readonly technique?: TechniqueLookup;
  readonly cluster?: { readonly name: string; readonly node: string };
  /**
   * A rule that asks what this engine cannot tell: `refuse` (default) throws RULES_UNSUPPORTED and names each; `undecided` loads it,
   * and events that reach it are undecided.
   */
  readonly unsupported?: 'refuse' | 'undecided';
  /** Steps for one event before it is undecided, default `DEFAULT_BUDGET_STEPS`. */
  readonly budgetSteps?: number;
  /** Memory for earlier events that composite rules count, default 64 MiB; Wazuh has no such limit. */
  readonly maxRememberedBytes?: number;
  /**
   * As Wazuh's logtest does it: a rule within its `ignore` time is still the result, without an alert, where the daemon reports its
   * parent. Source: wazuh v4.14.7 src/analysisd/logtest.c, w_logtest_rulesmatching_phase.
   */
  readonly asLogtest?: boolean;
  /** False: rules are tried in turn and every pattern anew, as Wazuh does it. The verdicts are the same; for measurements. */
  readonly indexed?: boolean;
}

export interface EngineStatistics {
  readonly received: number;
  /** Not taken: too short, or without a location. */
  readonly refused: number;
  readonly otherQueue: number;
  /** Events that a decoder took. */
  readonly decoded: number;
  readonly matched: number;
  readonly alerted: number;
  readonly undecided: number;
  /** The undecided ones by the rule that was being tried. */
  readonly undecidedByRule: Readonly<Record<number, number>>;
  /** Fields beyond the 256th, which no rule saw. */
  readonly droppedFields: number;
  /** Events held for composite rules, and those given up early for want of memory. */
  readonly remembered: number;
  readonly forgottenEarly: number;
}

export interface Engine {
  /**
   * Takes one datagram of Wazuh's queue, `1:LOCATION:MESSAGE`. `nowMs` must not go back. Never throws, and ends within the budget.
   */
  process(message: Uint8Array, nowMs: number): Verdict;
  /** Which rules were tried and why, without remembering or counting anything. Composite rules see the events processed so far. */
  explain(message: Uint8Array, nowMs: number): Explanation;
  statistics(): EngineStatistics;
  /** What rules ask that this engine cannot tell; empty unless `unsupported` is `undecided`. */
  readonly unsupported: readonly { readonly rule: Rule; readonly construct: string }[];
}

/** 20 to 40 ms of one core for the worst patterns; `npm run fuzz -- engine` measures it. An ordinary event takes some hundreds. */
export const DEFAULT_BUDGET_STEPS = 800_000;

const DEFAULT_REMEMBERED_BYTES = 64 * 1024 * 1024;

/** Makes an engine for loaded rules, with its own memory of events and counts. Throws RULES_UNSUPPORTED. */
export function createEngine(ruleset: LoadedRuleset, options: EngineOptions = {}): Engine {
  const managerName = options.managerName ?? 'wazuh-manager';
  const utcOffsetMinutes = options.utcOffsetMinutes ?? 0;
  const lists = new Map([...(options.lists ?? [])].map(([path, text]) => [path, parseCdbList(text)]));
  const compiled = compileRuleset(ruleset, { lists, utcOffsetMinutes });
  if (options.unsupported !== 'undecided') refuseUnsupported(compiled);

  const settings: DocumentSettings = {
    managerName: bytesOf(managerName),
    cluster: options.cluster === undefined ? undefined : { name: bytesOf(options.cluster.name), node: bytesOf(options.cluster.node) },
    utcOffsetMinutes,
    technique: options.technique ?? techniqueOf,
  };
  // Wazuh's own short host name: what stands before the first dot.
  const hostname = bytesOf(managerName.replace(/\..*$/s, ''));
  const memory: EventMemory = createEventMemory(compiled.memory, options.maxRememberedBytes ?? DEFAULT_REMEMBERED_BYTES);
  const budgetSteps = options.budgetSteps ?? DEFAULT_BUDGET_STEPS;
  const isPlain = options.indexed === false;
  const evaluation = new EventEvaluation(isPlain ? 0 : compiled.expressions);
  const index = isPlain ? undefined : createRuleIndex(compiled.roots);
  const candidates = index === undefined ? allChildren : index.candidates;
  const firedTimes = new Uint32Array(compiled.rules.length);
  const ignoredSince = new Map<number, number>();
  const undecidedByRule = new Map<number, number>();
  const counts = { received: 0, refused: 0, otherQueue: 0, decoded: 0, matched: 0, alerted: 0, undecided: 0, droppedFields: 0 };

  const eventOf = (datagram: Datagram, nowMs: number): EngineEvent => {
    const { location, agentId, log: fullLog } = datagram;
    const { log, hostname: ownHostname, ...predecoded } = predecode(fullLog);
    const { decoder, fields, droppedFields } = decodeLog(log, predecoded.programName, compiled.names);
    counts.droppedFields += droppedFields;
    if (decoder !== undefined) counts.decoded++;
    return {
      location,
      agentId,
      hostname: datagram.hostname ?? ownHostname ?? hostname,
      fullLog,
      log,
      predecoded,
      decoder,
      fields,
      receivedMs: nowMs,
    };
  };

  const search = (now: RememberedEvent): SearchResult => {
    evaluation.begin(now.event, budgetSteps);
    const given: Search = { evaluation, memory, now, candidates };
    for (const root of compiled.roots) {
      const result = searchNode(root, given);
      if (result.kind !== 'none') return result;
    }
    return { kind: 'none' };
  };

  const decide = (now: RememberedEvent, result: Extract<SearchResult, { kind: 'matched' }>): Verdict => {
    const { event } = now;
    counts.matched++;
    const fired = (firedTimes[result.compiled.number] ?? 0) + 1;
    firedTimes[result.compiled.number] = fired;
    // Level 0 ends the search, and nothing is remembered of it.
    if (result.compiled.rule.level === 0)
      return new DecidedEvent(event, { compiled: result.compiled, firedTimes: fired, lastEvents: [] }, false, settings);
    const isIgnored = ignores(result.compiled, now.second, ignoredSince);
    if (isIgnored && options.asLogtest === true)
      return new DecidedEvent(event, { compiled: result.compiled, firedTimes: fired, lastEvents: [], isIgnored }, false, settings);
    const reported = isIgnored ? result.parent : result.compiled;
    if (reported === undefined) return new DecidedEvent(event, undefined, false, settings);
    memory.add(now, reported.rule.id);
    const alerted = reported.rule.alert.log;
    if (alerted) counts.alerted++;
    return new DecidedEvent(
      event,
      { compiled: reported, firedTimes: fired, lastEvents: isIgnored ? [] : result.lastEvents, isIgnored },
      alerted,
      settings,
    );
  };

  return {
    unsupported: compiled.unsupported,
    process(message, nowMs) {
      counts.received++;
      const datagram = readDatagram(message);
      if (datagram.kind === 'refused') counts.refused++;
      if (datagram.kind === 'other-queue') counts.otherQueue++;
      if (datagram.kind !== 'datagram') return datagram;
      const now = remembered(eventOf(datagram, nowMs));
      const result = search(now);
      if (result.kind === 'matched') return decide(now, result);
      if (result.kind === 'none') return new DecidedEvent(now.event, undefined, false, settings);
      counts.undecided++;
      const { id } = result.compiled.rule;
      undecidedByRule.set(id, (undecidedByRule.get(id) ?? 0) + 1);
      return new UndecidedEvent(now.event, result.compiled.rule, settings);
    },
    explain(message, nowMs) {
      const datagram = readDatagram(message);
      if (datagram.kind !== 'datagram') return datagram;
      const before = { ...counts };
      const event = eventOf(datagram, nowMs);
      Object.assign(counts, before);
      return explainEvent(remembered(event), compiled.roots, evaluation, memory, budgetSteps);
    },
    statistics: () => ({
      ...counts,
      undecidedByRule: Object.fromEntries(undecidedByRule),
      remembered: memory.size,
      forgottenEarly: memory.forgottenEarly,
    }),
  };
}

function remembered(event: EngineEvent): RememberedEvent {
  return { event, second: Math.floor(event.receivedMs / 1000), matchedLevel: 0 };
}

/** The attribute `ignore`: after it fired, the parent is reported instead for so many seconds. Source: analysisd.c, w_process_event_thread. */
function ignores({ rule }: CompiledRule, second: number, ignoredSince: Map<number, number>): boolean {
  if (rule.ignoreSeconds === undefined || rule.ignoreSeconds === 0) return false;
  const since = ignoredSince.get(rule.id);
  if (since !== undefined && second - since < rule.ignoreSeconds) return true;
  ignoredSince.set(rule.id, second);
  return false;
}

function refuseUnsupported({ unsupported }: CompiledRuleset): void {
  const [first] = unsupported;
  if (first === undefined) return;
  const lines = unsupported
    .slice(0, 10)
    .map(({ rule, construct }) => `rule ${rule.id} (${rule.place.file}:${rule.place.line}) asks for ${construct}`);
  const more = unsupported.length > lines.length ? ` and ${unsupported.length - lines.length} more` : '';
  throw new Failure('RULES_UNSUPPORTED', `The rule engine cannot answer what these rules ask: ${lines.join('; ')}${more}.`, {
    hint: 'Write the condition in another way, or test these rules on a real Wazuh server.',
  });
}
