import type { OtherQueueVerdict, RefusedVerdict } from '../verdict.ts';

/** Why an event ended where it did. Plain data: `renderExplanation` makes text of it, `JSON.stringify` the rest. */
export type Explanation = ExplainedEvent | RefusedVerdict | OtherQueueVerdict;

export interface ExplainedEvent {
  readonly kind: 'explained';
  readonly location: string;
  readonly decoder: string | undefined;
  readonly fields: number;
  /** The rule that matches; `undecided`: the engine cannot tell. */
  readonly result: ExplainedResult;
  /** The rules at the top, with what hangs below them. */
  readonly trials: readonly RuleTrial[];
  /** Rules that would have been the result had none before them won, in the order in which they would have been tried. */
  readonly shadowed: readonly {
    readonly ruleId: number;
    readonly level: number;
    readonly description: string;
    readonly shadowedBy: number;
  }[];
}

export type ExplainedResult =
  | { readonly kind: 'rule'; readonly ruleId: number; readonly level: number; readonly description: string; readonly alerted: boolean }
  | { readonly kind: 'none' }
  | { readonly kind: 'undecided'; readonly ruleId: number };

export interface RuleTrial {
  readonly ruleId: number;
  readonly level: number;
  /** As written, fields not filled in. */
  readonly description: string;
  readonly place: { readonly file: string; readonly line: number };
  readonly outcome: TrialOutcome;
  /** False: Wazuh would not have come so far, a rule before it had won. */
  readonly tried: boolean;
  readonly children: readonly RuleTrial[];
}

export type TrialOutcome =
  /** It is the result; these are its conditions, which all hold. */
  | { readonly kind: 'result'; readonly conditions: readonly HeldCondition[] }
  /** It holds, but a rule below it is the result, or would be. */
  | { readonly kind: 'passed-on'; readonly to: number }
  /** It holds, and would be the result had none before it won. */
  | { readonly kind: 'would-match' }
  /** It holds, but is a container (`noalert`) without a matching child. */
  | { readonly kind: 'container' }
  | { readonly kind: 'failed'; readonly reason: FailureReason }
  /** The budget ended, or the engine cannot tell, at this condition. */
  | { readonly kind: 'undecided'; readonly condition: string };

export interface HeldCondition {
  /** As a sentence. */
  readonly condition: string;
  /** The value that it looked at, cut at 200 characters. */
  readonly value?: string;
}

export interface FailureReason {
  /** `missing`: the event does not have it, and then the condition fails whatever it says. */
  readonly kind: 'missing' | 'differs' | 'correlation';
  /** The condition that decided, as a sentence. */
  readonly condition: string;
  /** The value that it looked at, cut at 200 characters. */
  readonly value?: string;
  /** The conditions before it, which held. */
  readonly held: number;
}
