import { candidatesOf } from '../../reachability/candidates.ts';
import { finding, headOf, keyAt, type LintContext, type RuleView } from '../context.ts';
import { describeRequest } from '../describe-request.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { list } from '../wording.ts';

export const CATCH_ALL_NONE: FindingKind = {
  id: 'catch-all-none',
  severity: 'error',
  title: 'a rule of level None without a condition',
  why: 'It matches everything, so nothing is recorded from there on. Most often its condition is misspelt (`namespace:`, `groups:`, `resource:`), indented to another place, or an empty list, all of which kube-apiserver accepts.',
  remedy: 'Give it the condition that it was meant to have. As the last rule it says what holds anyway, and is not reported.',
  example: '- level: None\n  namespace: [kube-system]\n- level: Metadata\n',
};

export const NO_CATCH_ALL: FindingKind = {
  id: 'no-catch-all',
  severity: 'warning',
  title: 'requests that no rule matches',
  why: 'A request that no rule matches is not recorded, as if the last rule were `level: None`. A new API group, a new verb or a request for a path then goes unseen.',
  remedy: 'End with `- level: Metadata`, or with `- level: None` to say that it is meant.',
  example: '- level: Request\n  resources:\n  - group: ""\n    resources: [pods]\n',
};

export const EMPTY_CONDITION: FindingKind = {
  id: 'empty-condition',
  severity: 'warning',
  title: 'an empty list of conditions',
  why: 'An empty list is no condition: `users: []` is everybody, not nobody. The rule matches more than it seems to.',
  remedy: 'Fill the list, or take it out; `--fix` takes it out, which changes nothing.',
  example: '- level: Request\n  namespaces: []\n  verbs: [create]\n- level: Metadata\n',
};

export const CATCH_ALL_KINDS: readonly FindingKind[] = [CATCH_ALL_NONE, NO_CATCH_ALL];

export function* checkCatchAll(context: LintContext): Iterable<Finding> {
  const { search, rules, root, covers } = context;
  if (search === undefined || root === undefined) return;
  for (const view of rules) {
    if (view.rule.level !== 'None' || !isCatchAll(view) || covers()[view.index]?.kind !== 'escapes') continue;
    const ignored = ignoredConditions(view);
    const after = rules.length - view.index - 1;
    if (ignored.length === 0 && after === 0) continue;
    const rest =
      after === 0 ? '' : `, and ${after === 1 ? 'the rule' : `the ${after} rules`} after it never ${after === 1 ? 'decides' : 'decide'}`;
    yield finding(CATCH_ALL_NONE, headOf(view.data), {
      path: view.path,
      message: `this rule matches everything: nothing is recorded from here on${rest}`,
      advice: ignored.length === 0 ? 'give it a condition, or take it out' : `mend ${list(ignored)}, which kube-apiserver ignores`,
    });
  }
  const left = search.coverBefore(candidatesOf({ level: 'None' }, search.unnamed));
  if (left.kind === 'escapes')
    yield finding(NO_CATCH_ALL, keyAt(root, 'rules'), {
      path: 'rules',
      message: `requests that no rule matches are not recorded: ${describeRequest(left.request)}, say`,
      advice: 'end with - level: Metadata, or with - level: None to say that it is meant',
    });
}

function isCatchAll({ rule }: RuleView): boolean {
  const { users, userGroups, verbs, resources, namespaces, nonResourceURLs } = rule;
  return [users, userGroups, verbs, resources, namespaces, nonResourceURLs].every((condition) => (condition ?? []).length === 0);
}

/** What is written as a condition and is none. */
function ignoredConditions({ data }: RuleView): readonly string[] {
  if (data.kind !== 'object') return [];
  return data.entries.map(({ key }) => key).filter((key) => !['level', 'omitStages', 'omitManagedFields'].includes(key));
}
