import { unionStages } from '../../evaluation/evaluator.ts';
import type { Policy, PolicyRule } from '../../model.ts';
import { candidatesOf } from '../../reachability/candidates.ts';
import { type Cover, coverOf } from '../../reachability/cover.ts';
import { entryOf, finding, fixOf, headOf, type LintContext, type RuleView } from '../context.ts';
import { removeItem } from '../edits.ts';
import type { Finding, FindingKind, Related } from '../finding.ts';
import { list } from '../wording.ts';

export const UNREACHABLE_RULE: FindingKind = {
  id: 'unreachable-rule',
  severity: 'error',
  title: 'a rule that no request comes to',
  why: 'The first rule that matches decides. Every request that this rule names is matched by an earlier one, which is proved by exhausting the combinations of users, groups, verbs, namespaces, resources, names and paths that the rules can tell apart. Values that no rule names are taken to exist.',
  remedy: 'Move the rule above those that are named, narrow them, or take it out.',
  example:
    '- level: Metadata\n  resources:\n  - group: ""\n- level: None\n  verbs: [watch]\n  resources:\n  - group: ""\n    resources: [endpoints]\n- level: Request\n',
};

export const DUPLICATE_RULE: FindingKind = {
  id: 'duplicate-rule',
  severity: 'warning',
  title: 'the same rule again',
  why: 'An earlier rule has the same conditions and records the same: this one decides nothing.',
  remedy: 'Take it out; `--fix` does.',
  example: '- level: None\n  users: [alice]\n  verbs: [get]\n- level: None\n  verbs: [get]\n  users: [alice]\n- level: Metadata\n',
};

export const NO_EFFECT_RULE: FindingKind = {
  id: 'no-effect-rule',
  severity: 'info',
  title: 'a rule without which the same would be recorded',
  why: 'A later rule matches everything that this one does and records the same, and no rule between them decides otherwise. The rule may be there on purpose, as a pin against later changes: then say so in a comment.',
  remedy: 'Take it out, or keep it as a pin.',
  example: '- level: Metadata\n  resources:\n  - group: authentication.k8s.io\n    resources: [tokenreviews]\n- level: Metadata\n',
};

export const UNREACHABLE_KINDS: readonly FindingKind[] = [UNREACHABLE_RULE, DUPLICATE_RULE, NO_EFFECT_RULE];

export function* checkUnreachable(context: LintContext): Iterable<Finding> {
  const { policy, rules, covers } = context;
  if (policy === undefined) return;
  for (const [index, cover] of covers().entries()) {
    const view = rules[index];
    const rule = policy.rules[index];
    if (view === undefined || rule === undefined) continue;
    if (cover.kind === 'covered') yield unreachable(context, policy, view, cover);
    else if (cover.kind === 'escapes') yield* withoutEffect(context, policy, view, rule);
  }
}

function unreachable(context: LintContext, policy: Policy, view: RuleView, cover: Extract<Cover, { kind: 'covered' }>): Finding {
  const { rules, text, root } = context;
  const rule = policy.rules[view.index] as PolicyRule;
  const same = policy.rules.findIndex((other) => sameConditions(other, rule) && sameRecord(policy, other, rule));
  if (same < view.index)
    return finding(DUPLICATE_RULE, headOf(view.data), {
      path: view.path,
      message: `rules[${same}] (line ${lineOf(rules, same)}) has the same conditions and records the same`,
      advice: 'take it out',
      related: [relatedRule(rules, same, 'the same rule')],
      fix: fixOf(`remove rules[${view.index}]`, 'same', root && removeItem(text, entryOf(root, 'rules')?.value ?? root, view.index)),
    });
  const names = list(cover.by.map((index) => `rules[${index}] (line ${lineOf(rules, index)})`));
  const agree = cover.by.every((index) => sameRecord(policy, policy.rules[index] as PolicyRule, rule));
  return finding(UNREACHABLE_RULE, headOf(view.data), {
    path: view.path,
    message: `no request comes to this rule: ${names} ${cover.by.length === 1 ? 'matches' : 'together match'} all that it names${agree ? ', and record the same' : ''}`,
    advice: agree ? 'take it out' : 'move it above, narrow what stands before it, or take it out',
    related: cover.by.map((index) => relatedRule(rules, index, 'matches first')),
    severity: agree ? 'warning' : 'error',
  });
}

/** Only what can be seen rule by rule: the one that would take over, and none in between that decides otherwise. */
function* withoutEffect({ rules, search }: LintContext, policy: Policy, view: RuleView, rule: PolicyRule): Iterable<Finding> {
  const requests = candidatesOf(rule, UNNAMED);
  for (let index = view.index + 1; index < policy.rules.length; index++) {
    const later = policy.rules[index] as PolicyRule;
    if (search === undefined || search.budget.left-- < 0) return;
    if (apart(rule.users, later.users) || apart(rule.verbs, later.verbs) || apart(rule.namespaces, later.namespaces)) continue;
    const isSame = sameRecord(policy, later, rule);
    if (isSame && coverOf(requests, [later], search.budget).kind === 'covered') {
      yield finding(NO_EFFECT_RULE, headOf(view.data), {
        path: view.path,
        message: `without this rule rules[${index}] (line ${lineOf(rules, index)}) would record the same`,
        advice: 'take it out, or say in a comment what it is a pin for',
        related: [relatedRule(rules, index, 'would decide')],
      });
      return;
    }
    if (!isSame && !areDisjoint(rule, later)) return;
  }
}

/** Stands for any value that the two rules do not name; it is never shown. */
const UNNAMED = '\u0000';

/** Never true for rules that some request meets both of. */
function areDisjoint(a: PolicyRule, b: PolicyRule): boolean {
  const [onResources, onPaths] = [isOnResources, isOnPaths];
  if ((onResources(a) && onPaths(b)) || (onPaths(a) && onResources(b))) return true;
  if (onPaths(a) && onPaths(b))
    return !(a.nonResourceURLs ?? []).some((url) => (b.nonResourceURLs ?? []).some((other) => pathsMeet(url, other)));
  const [entries, others] = [a.resources ?? [], b.resources ?? []];
  if (entries.length === 0 || others.length === 0) return false;
  return entries.every((entry) =>
    others.every((other) => {
      const [group = '', otherGroup = ''] = [entry.group, other.group];
      if (group !== otherGroup && group !== '*' && otherGroup !== '*') return true;
      const [patterns, otherPatterns] = [entry.resources ?? [], other.resources ?? []];
      if (patterns.length === 0 || otherPatterns.length === 0) return false;
      return patterns.every((pattern) =>
        otherPatterns.every((second) => baseOf(pattern) !== '*' && baseOf(second) !== '*' && baseOf(pattern) !== baseOf(second)),
      );
    }),
  );
}

function isOnResources({ resources = [], namespaces = [] }: PolicyRule): boolean {
  return resources.length > 0 || namespaces.length > 0;
}

function isOnPaths(rule: PolicyRule): boolean {
  return !isOnResources(rule) && (rule.nonResourceURLs ?? []).length > 0;
}

function apart(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length > 0 && b.length > 0 && !a.some((value) => b.includes(value));
}

function pathsMeet(a: string, b: string): boolean {
  const [left, right] = [a.replace(/\*+$/, ''), b.replace(/\*+$/, '')];
  return (a.endsWith('*') && right.startsWith(left)) || (b.endsWith('*') && left.startsWith(right)) || a === b;
}

function baseOf(pattern: string): string {
  return pattern.split('/', 1)[0] ?? '';
}

function sameConditions(a: PolicyRule, b: PolicyRule): boolean {
  return conditionsOf(a) === conditionsOf(b);
}

/** Lists are sets, and an absent one is an empty one. */
function conditionsOf({ users, userGroups, verbs, namespaces, nonResourceURLs, resources = [] }: PolicyRule): string {
  const entries = resources.map(({ group = '', resources: patterns, resourceNames }) =>
    JSON.stringify([group, setOf(patterns), setOf(resourceNames)]),
  );
  return JSON.stringify([users, userGroups, verbs, namespaces, nonResourceURLs].map(setOf).concat([setOf(entries)]));
}

function setOf(values: readonly string[] = []): readonly string[] {
  return [...new Set(values)].sort();
}

/** The same level, and where bodies or stages count, the same of them. */
export function sameRecord(policy: Policy, a: PolicyRule, b: PolicyRule): boolean {
  if (a.level !== b.level) return false;
  if (a.level === 'None') return true;
  if (unionStages(policy.omitStages, a.omitStages).join() !== unionStages(policy.omitStages, b.omitStages).join()) return false;
  const managed = (rule: PolicyRule): boolean => rule.omitManagedFields ?? policy.omitManagedFields ?? false;
  return a.level === 'Metadata' || managed(a) === managed(b);
}

function lineOf(rules: readonly RuleView[], index: number): number {
  return rules[index]?.data.place.line ?? 0;
}

function relatedRule(rules: readonly RuleView[], index: number, message: string): Related {
  const view = rules[index] as RuleView;
  return { ...headOf(view.data), message: `rules[${index}] ${message}` };
}
