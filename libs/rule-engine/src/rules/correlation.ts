import type { Correlation, Rule } from '@k8s-audit/wazuh-rules';
import { type ByteString, bytesOf } from '../byte-string.ts';
import type { FieldNames } from '../event/field-names.ts';
import { compileOsRegex } from '../expression/osregex.ts';
import type { Budget, Expression, Outcome } from '../expression/outcome.ts';
import type { EventMemory, LastEvents, MemorySearch, RememberedEvent } from './event-memory.ts';
import { comparedValue } from './static-values.ts';

/** Whether enough earlier events belong together with this one. */
export interface CorrelationCheck {
  /** `isTrial`: nothing is marked as counted. */
  outcomeOf(now: RememberedEvent, memory: EventMemory, budget: Budget, isTrial?: boolean): CorrelationOutcome;
}

export interface CorrelationOutcome {
  readonly outcome: Outcome;
  /** What was counted, newest first, eleven at most. */
  readonly lastEvents: LastEvents;
}

/** The alert shows at most eleven earlier messages: eventinfo.c, Search_LastSids. */
const MAX_LAST_EVENTS = 11;

/**
 * `frequency`, `timeframe` and what must be the same or different. The search goes from the newest event back and ends at the first
 * that an equal or higher composite rule has already used, so that counting starts anew after each firing.
 * Source: wazuh v4.14.7 src/analysisd/eventinfo.c, Search_LastSids, Search_LastGroups, Search_LastEvents.
 */
export function compileCorrelation(rule: Rule, correlation: Correlation, names: FieldNames): CorrelationCheck | undefined {
  const search = searchOf(rule);
  if (search === undefined) return undefined;
  const isCounted = comparison(correlation, names);
  const expression = correlation.ifMatchedRegex === undefined ? undefined : compileOsRegex(bytesOf(correlation.ifMatchedRegex));
  const matchesLog = expression?.kind === 'compiled' ? expression.expression : undefined;
  // Wazuh stores two less; that many are passed over before one more completes the series.
  const passedOver = correlation.frequency - 2;
  return {
    outcomeOf(now, memory, budget, isTrial = false) {
      const lastEvents: ByteString[] = [];
      let first: RememberedEvent | undefined;
      let count = 0;
      for (const earlier of memory.newest(search)) {
        if (--budget.steps < 0) return { outcome: 'undecided', lastEvents: [] };
        if (now.second - earlier.second > correlation.timeframeSeconds) break;
        if (search.kind === 'events') {
          const outcome = fitsRegex(matchesLog, earlier, budget);
          if (outcome === 'undecided') return { outcome, lastEvents: [] };
          if (outcome === 'miss') continue;
        }
        if (!isCounted(now, earlier)) continue;
        if (earlier.matchedLevel >= rule.level) break;
        const completes = count >= passedOver;
        // The third kind of search leaves the completing event out: eventinfo.c, Search_LastEvents.
        if (count < MAX_LAST_EVENTS && !(completes && search.kind === 'events')) lastEvents.push(earlier.event.fullLog);
        if (!completes) {
          count++;
          first ??= earlier;
          continue;
        }
        if (isTrial) return { outcome: 'match', lastEvents };
        now.matchedLevel = rule.level;
        if (first !== undefined) first.matchedLevel = rule.level;
        return { outcome: 'match', lastEvents };
      }
      return { outcome: 'miss', lastEvents: [] };
    },
  };
}

function searchOf({ id, search }: Rule): MemorySearch | undefined {
  switch (search?.kind) {
    case 'sid':
      return search.sourceIds[0] === undefined ? undefined : { kind: 'sid', sourceId: search.sourceIds[0] };
    case 'group':
      return { kind: 'group', ruleId: id };
    case 'events':
      return { kind: 'events' };
    default:
      return undefined;
  }
}

function fitsRegex(expression: Expression | undefined, earlier: RememberedEvent, budget: Budget): Outcome {
  // Events of one kind of decoder only; all of ours are of the kind syslog.
  if (expression === undefined) return 'match';
  return expression.match(earlier.event.log, budget);
}

function comparison(correlation: Correlation, names: FieldNames): (now: RememberedEvent, earlier: RememberedEvent) => boolean {
  const { same, different, globalFrequency } = correlation;
  const sameFields = correlation.sameFields.map((name) => names.numberOf(bytesOf(name)));
  const differentFields = correlation.differentFields.map((name) => names.numberOf(bytesOf(name)));
  return ({ event: now }, { event: earlier }) => {
    if (!globalFrequency && now.agentId !== earlier.agentId) return false;
    for (const name of same) {
      const value = comparedValue(now, name);
      if (value === undefined || value !== comparedValue(earlier, name)) return false;
    }
    for (const name of different) {
      const value = comparedValue(now, name);
      if (value !== undefined && value === comparedValue(earlier, name)) return false;
    }
    for (const field of sameFields) {
      const value = now.fields.valueOf(field);
      if (value === undefined || value !== earlier.fields.valueOf(field)) return false;
    }
    if (differentFields.length > 0 && now.fields.size === 0 && earlier.fields.size === 0) return false;
    for (const field of differentFields) {
      const value = now.fields.valueOf(field);
      if (value !== undefined && value === earlier.fields.valueOf(field)) return false;
    }
    return true;
  };
}
