import type { Condition, Rule } from '@k8s-audit/wazuh-rules';
import type { ByteString } from '../byte-string.ts';
import type { EngineEvent } from '../event/engine-event.ts';
import type { Outcome } from '../expression/outcome.ts';
import type { CorrelationCheck } from './correlation.ts';
import type { EventEvaluation } from './event-evaluation.ts';
import type { Lead } from './lead.ts';

/** A rule ready to be tried. It stands once here, however many parents it has. */
export interface CompiledRule {
  readonly rule: Rule;
  /** Its place among the compiled rules. */
  readonly number: number;
  readonly checks: readonly Check[];
  /** It asks something that is no condition and that this engine cannot tell; where its conditions hold, it is undecided. */
  readonly isUndecidable: boolean;
  /** Earlier events that must have come; only in composite rules. */
  readonly correlation?: CorrelationCheck;
  readonly describe: (event: EngineEvent) => ByteString;
}

/** One condition of a rule. */
export interface Check {
  readonly condition: Condition;
  /** Does it hold? `undecided` when the budget ends first. */
  outcomeOf(evaluation: EventEvaluation): Outcome;
  /** The value that it looked at; undefined: the event does not have it. For explanations. */
  valueOf(event: EngineEvent): ByteString | undefined;
  /** What an event must have for this to hold, as far as the index can make use of it. */
  readonly leads: readonly Lead[];
}

/** A place in the tree of rules. */
export interface CompiledNode {
  readonly compiled: CompiledRule;
  readonly children: readonly CompiledNode[];
}
