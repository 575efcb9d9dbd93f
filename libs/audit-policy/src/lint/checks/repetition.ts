import type { Data } from '../../go-json/data.ts';
import { entryOf, finding, fixOf, type GroupView, keyAt, type LintContext, type RuleView, valueAt } from '../context.ts';
import { removeEntry, removeItem } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';
import type { SourceText } from '../source-text.ts';
import { quoted } from '../wording.ts';
import { EMPTY_CONDITION } from './catch-all.ts';

export const REPEATED_VALUE: FindingKind = {
  id: 'repeated-value',
  severity: 'info',
  title: 'a value that is in its list already',
  why: 'It changes nothing. Either it is left over, or another value was meant.',
  remedy: 'Take it out; `--fix` does.',
  example: '- level: None\n  verbs: [get, list, get]\n- level: Metadata\n',
};

export const REDUNDANT_RESOURCE: FindingKind = {
  id: 'redundant-resource',
  severity: 'info',
  title: 'a resource that another of the entry includes',
  why: '`*` is every resource with its subresources, `pods/*` is pods too, `*/log` is the log of anything: what they include need not be named beside them.',
  remedy: 'Take it out; `--fix` does. If `pods/*` was meant to leave pods out, name the subresources.',
  example: '- level: Request\n  resources:\n  - group: apps\n    resources: [deployments, "deployments/*"]\n- level: Metadata\n',
};

export const NO_EFFECT_OPTION: FindingKind = {
  id: 'no-effect-option',
  severity: 'info',
  title: 'an option that changes nothing',
  why: 'A rule of level None makes no event that a stage could be left out of; below Request there is no body with managed fields; a stage that the policy omits is omitted already.',
  remedy: 'Take it out; `--fix` does.',
  example: '- level: None\n  verbs: [watch]\n  omitStages: [RequestReceived]\n- level: Metadata\n',
};

export const REPETITION_KINDS: readonly FindingKind[] = [EMPTY_CONDITION, REPEATED_VALUE, REDUNDANT_RESOURCE, NO_EFFECT_OPTION];

const RULE_LISTS = ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs', 'omitStages'] as const;
const GROUP_LISTS = ['resources', 'resourceNames'] as const;

export function* checkRepetition({ rules, text, decoded, policy, root }: LintContext): Iterable<Finding> {
  for (const view of rules) {
    for (const field of [...RULE_LISTS, 'resources'] as const) {
      if (field !== 'omitStages') yield* emptyCondition(view, field, text);
      if (field !== 'resources') yield* repeated(view.data, view.path, field, view.rule[field] ?? [], text);
    }
    for (const group of view.groups) {
      for (const field of GROUP_LISTS) yield* repeated(group.data, group.path, field, group.entry[field] ?? [], text);
      yield* redundant(group, text);
    }
    if (policy !== undefined) yield* withoutEffect(view, decoded?.omitStages ?? [], text);
  }
  if (root !== undefined) yield* repeated(root, '', 'omitStages', decoded?.omitStages ?? [], text);
}

function* emptyCondition(
  { rule, data, path }: RuleView,
  field: Exclude<(typeof RULE_LISTS)[number], 'omitStages'> | 'resources',
  text: SourceText,
): Iterable<Finding> {
  const entry = entryOf(data, field);
  if (entry === undefined || (rule[field] ?? []).length > 0) return;
  yield finding(
    EMPTY_CONDITION,
    { place: entry.keyPlace, end: entry.keyEnd },
    {
      path: `${path}.${field}`,
      message: `an empty ${field} is no condition: the rule matches ${field.startsWith('user') ? 'everybody' : 'everything'}`,
      advice: 'fill it, or take it out',
      severity: rule.level === 'None' ? 'error' : 'warning',
      fix: fixOf(`remove the empty ${field}`, 'same', removeEntry(text, data, entry)),
    },
  );
}

function* repeated(owner: Data, path: string, field: string, values: readonly string[], text: SourceText): Iterable<Finding> {
  const entry = entryOf(owner, field);
  for (const [index, value] of values.entries()) {
    if (values.indexOf(value) === index) continue;
    yield finding(REPEATED_VALUE, valueAt(owner, field, index), {
      path: `${path === '' ? '' : `${path}.`}${field}[${index}]`,
      message: `${quoted(value)} is in ${field} already`,
      advice: 'take it out',
      fix: entry && fixOf(`remove the second ${quoted(value)}`, 'same', removeItem(text, entry.value, index)),
    });
  }
}

function* redundant({ entry, data, path }: GroupView, text: SourceText): Iterable<Finding> {
  const patterns = entry.resources ?? [];
  const field = entryOf(data, 'resources');
  for (const [index, pattern] of patterns.entries()) {
    const wider = patterns.find((other) => other !== pattern && includesResource(other, pattern));
    if (wider === undefined || patterns.indexOf(pattern) !== index) continue;
    yield finding(REDUNDANT_RESOURCE, valueAt(data, 'resources', index), {
      path: `${path}.resources[${index}]`,
      message: `${wider} includes ${quoted(pattern)}`,
      advice: 'take it out',
      fix: field && fixOf(`remove ${quoted(pattern)}, which ${wider} includes`, 'same', removeItem(text, field.value, index)),
    });
  }
}

/** Whether whatever the second pattern matches the first one matches too. */
export function includesResource(wide: string, narrow: string): boolean {
  if (wide === '*') return true;
  const [base = '', subresource = '', more] = narrow.split('/');
  if (more !== undefined || narrow.endsWith('/')) return false;
  if (wide.endsWith('/*') && wide !== '*/*') return base === wide.slice(0, -2);
  return wide.startsWith('*/') && wide !== '*/*' && wide !== '*/' && subresource === wide.slice(2);
}

function* withoutEffect({ rule, data, path }: RuleView, policyStages: readonly string[], text: SourceText): Iterable<Finding> {
  const stages = entryOf(data, 'omitStages');
  const managed = entryOf(data, 'omitManagedFields');
  const isWithoutBody = rule.level === 'None' || rule.level === 'Metadata';
  if (
    stages !== undefined &&
    (rule.omitStages ?? []).length > 0 &&
    (rule.level === 'None' || rule.omitStages?.every((stage) => policyStages.includes(stage)))
  )
    yield finding(NO_EFFECT_OPTION, keyAt(data, 'omitStages'), {
      path: `${path}.omitStages`,
      message: rule.level === 'None' ? 'a rule of level None makes no event of any stage' : 'the policy omits these stages for all rules',
      advice: 'take omitStages out',
      fix: fixOf('remove omitStages, which has no effect', 'same', removeEntry(text, data, stages)),
    });
  if (managed !== undefined && isWithoutBody)
    yield finding(NO_EFFECT_OPTION, keyAt(data, 'omitManagedFields'), {
      path: `${path}.omitManagedFields`,
      message: `at level ${rule.level} there is no body with managed fields`,
      advice: 'take omitManagedFields out',
      fix: fixOf('remove omitManagedFields, which has no effect', 'same', removeEntry(text, data, managed)),
    });
}
