import type { Condition as RuleCondition } from '@k8s-audit/wazuh-rules';
import type { Condition, FieldTest } from './field-test.ts';

/** The same condition as `<field>` elements of a Wazuh rule. */
export function ruleConditionsOf(condition: Condition): readonly RuleCondition[] {
  return condition.map((test) => ({
    kind: 'field',
    name: `k8s.${test.field}`,
    pattern: { type: 'pcre2', text: patternOf(test), negate: test.op === 'is-not' || test.op === 'matches-not' },
  }));
}

function patternOf(test: FieldTest): string {
  if (!('values' in test)) return test.pattern;
  const alternatives = test.values.map(escapePattern);
  return alternatives.length === 1 ? `^${alternatives[0]}$` : `^(${alternatives.join('|')})$`;
}

/** Letters that mean something to PCRE2, and `<`, which would begin an element of the rule file. */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`).replaceAll('<', String.raw`\x3c`);
}
