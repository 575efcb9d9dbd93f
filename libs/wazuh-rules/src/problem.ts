import type { Place } from './rule.ts';

/**
 * What a problem does to Wazuh:
 * - `refuses-to-start`: wazuh-analysisd ends (with `-t`: exit code 1).
 * - `drops-rule`: it starts, with exit code 0, without this rule.
 * - `changes-rule`: it starts, but the rule does something else than its file says.
 * - `warning`: the rule does what it says; something about it deserves a look.
 */
export type Severity = 'refuses-to-start' | 'drops-rule' | 'changes-rule' | 'warning';

/** One cause. What Wazuh says about it may be several lines, or none. */
export interface ProblemText {
  /** Wazuh's own number (`7612`, `1235`), or a name of ours where Wazuh has no number or says nothing (`if-sid-everything`). */
  readonly code: string;
  readonly severity: Severity;
  /** Wazuh's sentence; where Wazuh is silent, ours. */
  readonly message: string;
  /** The lines of Wazuh's log, such as `WARNING: (7612): Rule ID …`. None: Wazuh says nothing. */
  readonly logLines: readonly string[];
  /** What to do. */
  readonly hint: string;
}

export interface RuleProblem extends ProblemText, Place {
  readonly ruleId?: number;
  /** False: Wazuh stops at an earlier problem and comes to this one only when that is mended. */
  readonly reached: boolean;
}
