/** Wazuh 4 rules as data: the model of a rule, the loader in Wazuh's own dialect, the renderer. */
export type {
  Condition,
  ListCondition,
  ListLookup,
  ListStaticField,
  Pattern,
  PatternType,
  StaticField,
} from './condition.ts';
export type { LoadedRuleset, RuleNode } from './loaded-ruleset.ts';
export type { RuleProblem, Severity } from './problem.ts';
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
