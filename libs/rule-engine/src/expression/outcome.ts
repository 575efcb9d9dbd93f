/**
 * What an expression says of a subject. `undecided`: the budget ran out before the answer was known; it is never taken for a miss,
 * because an attacker who can make a pattern slow could then hide from it.
 */
export type Outcome = 'match' | 'miss' | 'undecided';

/**
 * Steps that may still be taken for one event, counted down by every matcher. One step is about the work of one byte in the
 * backtracking matchers; cheaper work is charged in fractions. A matcher that finds it below zero answers `undecided`.
 */
export interface Budget {
  steps: number;
}

/** A compiled expression. Subject and pattern are bytes; the subject holds no NUL. */
export interface Expression {
  match(subject: string, budget: Budget): Outcome;
}

export type CompileResult =
  | { readonly kind: 'compiled'; readonly expression: Expression }
  /** Wazuh refuses this pattern too. */
  | { readonly kind: 'invalid'; readonly message: string; readonly offset: number }
  /** Wazuh takes it, this engine does not: `construct` names what it lacks. */
  | { readonly kind: 'unsupported'; readonly construct: string; readonly offset: number };
