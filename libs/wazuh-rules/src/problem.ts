import type { Place } from './rule.ts';

/**
 * What a problem does to Wazuh:
 * - `refuses-to-start`: wazuh-analysisd ends (with `-t`: exit code 1).
 * - `drops-rule`: it starts, with exit code 0, without this rule.
 * - `changes-rule`: it starts, but the rule does something else than it says.
 * - `warning`: nothing is lost; Wazuh prints nothing or a remark.
 */
export type Severity = 'refuses-to-start' | 'drops-rule' | 'changes-rule' | 'warning';

export interface RuleProblem extends Place {
  /** Wazuh's own number (`7612`, `1235`), or a name of ours where Wazuh has none (`duplicate-attribute`). */
  readonly code: string;
  readonly severity: Severity;
  /** As Wazuh prints it, without level and number; where Wazuh is silent, our own sentence. */
  readonly message: string;
  /** The line in Wazuh's log: `WARNING: (7612): Rule ID …`. Absent: Wazuh says nothing. */
  readonly logLine?: string;
  readonly ruleId?: number;
  /** What to do. */
  readonly hint: string;
  /** False: Wazuh stops at an earlier problem and shows this one only once that is mended. */
  readonly reached: boolean;
}
