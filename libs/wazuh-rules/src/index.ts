/** Wazuh 4 rules as data: the model of a rule, the loader in Wazuh's own dialect, the renderer. */

export {
  COMPLIANCE_CENSUS,
  COMPLIANCE_PREFIXES,
  type CompliancePrefix,
  type ComplianceTagCheck,
  checkComplianceTag,
} from './compliance-tags.ts';
export type {
  Condition,
  ListCondition,
  ListLookup,
  ListStaticField,
  Pattern,
  PatternType,
  StaticField,
} from './condition.ts';
export { findIdClashes, freeIdBase, type IdClash, listRuleIds, type RuleId } from './id-clashes.ts';
export type { LoadOptions, PatternRefusal, RuleFile } from './load-options.ts';
export { loadRules } from './load-rules.ts';
export type { LoadedRuleset, OutsideParent, RuleNode } from './loaded-ruleset.ts';
export type { ProblemText, RuleProblem, Severity } from './problem.ts';
export { type RuleFileModel, type RuleGroup, renderRuleFile } from './render-rule-file.ts';
export type {
  AlertOptions,
  Category,
  ComparedField,
  Correlation,
  Info,
  Mitre,
  Parents,
  Place,
  Rule,
  RuleDefinition,
  RuleOption,
  Search,
} from './rule.ts';
export { STOCK_LISTS } from './stock-lists.ts';
