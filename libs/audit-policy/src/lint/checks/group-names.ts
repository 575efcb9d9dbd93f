import { FORMER_GROUPS, KNOWN_GROUPS } from '../../resources/known-resources.ts';
import { finding, fixOf, type GroupView, type LintContext, valueAt } from '../context.ts';
import { replaceString } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { nearest } from '../nearest.ts';

export const CORE_GROUP: FindingKind = {
  id: 'core-group',
  severity: 'error',
  title: 'the core group by a name',
  why: 'Pods, secrets and services are in the group with the empty name. `core` and `v1` are group names that nothing has, and kube-apiserver accepts them: the entry never matches.',
  remedy: 'Write `group: ""`.',
  example: '- level: Metadata\n  resources:\n  - group: core\n    resources: [secrets]\n- level: Request\n',
};

export const UNKNOWN_GROUP: FindingKind = {
  id: 'unknown-group',
  severity: 'error',
  title: 'an API group that there is none of',
  why: 'Kubernetes has no group of this name, and custom resources cannot have it (theirs has a dot) or it is one letter away from a group of Kubernetes. The entry never matches.',
  remedy: 'Write the group as `kubectl api-resources` shows it, without a version.',
  example: '- level: RequestResponse\n  resources:\n  - group: rbac\n    resources: [clusterroles]\n- level: Metadata\n',
};

export const FORMER_GROUP: FindingKind = {
  id: 'former-group',
  severity: 'info',
  title: 'an API group that is gone',
  why: 'The group was removed from Kubernetes before the versions that this program supports. The entry matches nothing there; it does no harm.',
  remedy: 'Take the entry out, and see that where its resources went is named.',
  example: '- level: Request\n  resources:\n  - group: extensions\n    resources: [ingresses]\n- level: Metadata\n',
};

export const GROUP_NAME_KINDS: readonly FindingKind[] = [CORE_GROUP, UNKNOWN_GROUP, FORMER_GROUP];

const CORE_NAMES: ReadonlySet<string> = new Set(['core', 'v1', 'api', 'legacy']);

export function* checkGroupNames({ rules, text }: LintContext): Iterable<Finding> {
  for (const { groups } of rules) for (const group of groups) yield* checkGroupName(group, text);
}

function* checkGroupName({ entry, path, data }: GroupView, text: LintContext['text']): Iterable<Finding> {
  const { group = '' } = entry;
  if (group === '' || group === '*' || KNOWN_GROUPS.has(group)) return;
  const value = valueAt(data, 'group');
  const place = { path: `${path}.group` };
  const former = FORMER_GROUPS.get(group);
  if (former !== undefined) {
    yield finding(FORMER_GROUP, value, {
      ...place,
      message: `the group ${group} is gone since Kubernetes ${former}: the entry matches nothing`,
      advice: 'take the entry out',
    });
    return;
  }
  if (CORE_NAMES.has(group)) {
    yield finding(CORE_GROUP, value, {
      ...place,
      message: `there is no group ${group}: the entry matches nothing`,
      advice: 'write group: ""',
      fix: fixOf(`write group "" for ${group}`, 'stated', replaceString(text, value, '')),
    });
    return;
  }
  const meant = groupMeant(group);
  if (meant === undefined && group.includes('.')) return;
  yield finding(UNKNOWN_GROUP, value, {
    ...place,
    message: `there is no group ${group}: the entry matches nothing`,
    advice: meant === undefined ? 'kubectl api-resources shows the groups of a cluster' : `write ${meant}`,
    fix: meant === undefined ? undefined : fixOf(`write group ${meant} for ${group}`, 'stated', replaceString(text, value, meant)),
  });
}

/** `rbac` is rbac.authorization.k8s.io, `app` is apps. */
function groupMeant(group: string): string | undefined {
  const longer = [...KNOWN_GROUPS].filter((known) => known.startsWith(`${group}.`));
  return longer.length === 1 ? longer[0] : nearest(group, KNOWN_GROUPS);
}
