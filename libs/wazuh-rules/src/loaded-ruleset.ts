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
  /** What hangs below rules that were not given (`LoadOptions.outsideRules`): `if_sid 5716`, `if_group authentication_failed`. */
  readonly outside: readonly OutsideParent[];
  /** What `wazuh-analysisd -t` prints, line by line, without time and process. */
  readonly log: readonly string[];
  /** The exit code of `wazuh-analysisd -t`: 1 when a problem refuses to start. */
  readonly exitCode: 0 | 1;
}

export interface OutsideParent {
  readonly parent: { readonly kind: 'sid'; readonly id: number } | { readonly kind: 'group'; readonly text: string };
  readonly children: readonly RuleNode[];
}
