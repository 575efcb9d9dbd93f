import type { Condition, Pattern, StaticField } from '@k8s-audit/wazuh-rules';
import { type ByteString, bytesOf } from '../byte-string.ts';
import type { EngineEvent } from '../event/engine-event.ts';
import type { FieldNames } from '../event/field-names.ts';
import type { Expression, Outcome } from '../expression/outcome.ts';
import { compileNetworks } from './address-condition.ts';
import { type CdbList, compileLookup } from './cdb-list.ts';
import { compileTime, compileWeekday, type LocalTime, localTimeOf } from './clock-conditions.ts';
import type { Check } from './compiled-rule.ts';
import type { Lead, LeadTarget } from './lead.ts';
import { leadsOf } from './pattern-lead.ts';
import { listValue, staticValue } from './static-values.ts';

export interface CheckSurroundings {
  readonly names: FieldNames;
  readonly lists: ReadonlyMap<string, CdbList>;
  readonly utcOffsetMinutes: number;
  /** The compiled pattern and its number; the same for the same pattern on the same target. */
  readonly expression: (target: string, pattern: Pattern) => { readonly expression: Expression; readonly number: number };
  /** The engine cannot tell whether this condition holds; it then never decides. */
  readonly refuse: (construct: string) => void;
}

/** Makes a condition into something that can be asked of an event. */
export function compileCheck(condition: Condition, surroundings: CheckSurroundings): Check {
  const { names, refuse } = surroundings;
  switch (condition.kind) {
    case 'decoder': {
      const name = bytesOf(condition.name);
      return yesNo(
        condition,
        (event) => event.decoder,
        (decoder) => decoder === name,
      );
    }
    case 'log':
      return patternCheck(condition, 'log', condition.pattern, surroundings, (event) => event.log, 'log');
    case 'location':
      return patternCheck(condition, 'location', condition.pattern, surroundings, (event) => event.location, 'location');
    case 'static': {
      const { field } = condition;
      return patternCheck(condition, `static ${field}`, condition.pattern, surroundings, (event) =>
        staticValue(event, field as StaticField),
      );
    }
    case 'field': {
      const number = names.numberOf(bytesOf(condition.name));
      // Only a name of too many parts has no number; the rule says so.
      if (number < 0) return undecidable(condition);
      return patternCheck(condition, `field ${number}`, condition.pattern, surroundings, (event) => event.fields.valueOf(number), number);
    }
    case 'address': {
      const { field, negate } = condition;
      const holds = compileNetworks(condition.networks);
      return yesNo(
        condition,
        (event) => staticValue(event, field),
        (address) => holds(address) !== negate,
      );
    }
    case 'size': {
      const { minBytes } = condition;
      return yesNo(
        condition,
        (event) => event.log,
        (log) => log.length >= minBytes,
      );
    }
    case 'time':
      return clockCheck(condition, compileTime(condition.text), surroundings);
    case 'weekday':
      return clockCheck(condition, compileWeekday(condition.text), surroundings);
    case 'compiled':
      refuse(`<compiled_rule>${condition.name}`);
      return undecidable(condition);
    case 'diff':
      refuse('<check_diff>');
      return undecidable(condition);
    case 'first-seen':
      // Wazuh's JSON decoders have no <fts>, and without one the condition never holds (rules.c, DO_FTS).
      return { condition, outcomeOf: () => 'miss', valueOf: () => undefined, leads: [] };
    case 'list':
      return listCheck(condition, surroundings);
  }
}

type Read = (event: EngineEvent) => ByteString | undefined;

function patternCheck(
  condition: Condition,
  target: string,
  pattern: Pattern,
  surroundings: CheckSurroundings,
  read: Read,
  leadTarget?: LeadTarget,
): Check {
  const { expression, number } = surroundings.expression(target, pattern);
  const wanted: Outcome = pattern.negate ? 'miss' : 'match';
  const leads = leadTarget === undefined ? [] : leadsOf(pattern, leadTarget);
  return {
    condition,
    valueOf: read,
    leads,
    outcomeOf(evaluation) {
      const subject = read(evaluation.event);
      // What is not there never holds, negated or not.
      if (subject === undefined) return 'miss';
      const outcome = evaluation.outcomeOf(number, expression, subject);
      if (outcome === 'undecided') return 'undecided';
      return outcome === wanted ? 'match' : 'miss';
    },
  };
}

function listCheck(condition: Extract<Condition, { kind: 'list' }>, { names, lists, refuse }: CheckSurroundings): Check {
  const list = lists.get(condition.list);
  if (list === undefined) {
    refuse(`the CDB list ${condition.list}, which was not given`);
    return undecidable(condition);
  }
  const lookup = compileLookup(condition, list);
  if (condition.field.kind === 'static') {
    const { name } = condition.field;
    return yesNo(condition, (event) => listValue(event, name), lookup);
  }
  const number = names.numberOf(bytesOf(condition.field.name));
  if (number < 0) return undecidable(condition);
  const leads: readonly Lead[] = [{ kind: 'exists', target: number }];
  return { ...yesNo(condition, (event) => event.fields.valueOf(number), lookup), leads };
}

function clockCheck(
  condition: Condition,
  test: ((now: LocalTime) => boolean) | undefined,
  { utcOffsetMinutes, refuse }: CheckSurroundings,
): Check {
  if (test === undefined) {
    refuse(`<${condition.kind}>`);
    return undecidable(condition);
  }
  return {
    condition,
    outcomeOf: ({ event }) => (test(localTimeOf(event.receivedMs, utcOffsetMinutes)) ? 'match' : 'miss'),
    valueOf: () => undefined,
    leads: [],
  };
}

function yesNo(condition: Condition, read: Read, test: (value: ByteString) => boolean): Check {
  return {
    condition,
    valueOf: read,
    leads: [],
    outcomeOf({ event }) {
      const value = read(event);
      return value !== undefined && test(value) ? 'match' : 'miss';
    },
  };
}

function undecidable(condition: Condition): Check {
  return { condition, outcomeOf: () => 'undecided', valueOf: () => undefined, leads: [] };
}
