import type { RuleProblem } from './problem.ts';
import type { Rule } from './rule.ts';

/** A place of a rule in the tree. A rule with several parents stands at several places, as one `Rule`. */
export interface RuleNode {
  readonly rule: Rule;
  /** In the order in which Wazuh tries them. */
  readonly children: readonly RuleNode[];
}

/** What wazuh-analysisd would hold in memory after reading these files. */
export interface LoadedRuleset {
  /** The templates (rules 1 to 7), in the order in which Wazuh tries them. All else hangs below. */
  readonly roots: readonly RuleNode[];
  /** Every loaded rule by its id, in the order of loading. */
  readonly rules: ReadonlyMap<number, Rule>;
  readonly problems: readonly RuleProblem[];
  /** The exit code of `wazuh-analysisd -t`: 1 when a problem refuses to start. */
  readonly exitCode: 0 | 1;
}
