import type { Data } from '../../go-json/data.ts';
import {
  FORMER_RESOURCES,
  findResource,
  groupsOf,
  KNOWN_GROUPS,
  KNOWN_RESOURCES,
  type KnownResource,
  KUBELET_SUBRESOURCES,
  OLDER_RESOURCES,
  resourcesMeant,
} from '../../resources/known-resources.ts';
import { finding, fixOf, type GroupView, type LintContext, type RuleView, valueAt } from '../context.ts';
import { replaceString } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { nearest } from '../nearest.ts';
import type { SourceText } from '../source-text.ts';
import { list, quoted } from '../wording.ts';

export const IMPOSSIBLE_RESOURCE: FindingKind = {
  id: 'impossible-resource',
  severity: 'error',
  title: 'a resource that no request can be for',
  why: '`*/*`, `*/` and `pods/` match nothing in kube-apiserver, which accepts them. `*` alone is every resource with its subresources, and `pods/*` is pods and all below them.',
  remedy: 'Write `*`, `pods/*` or `*/SUBRESOURCE`.',
  example: '- level: Metadata\n  resources:\n  - group: ""\n    resources: ["*/*"]\n- level: None\n',
};

export const RESOURCE_SPELLING: FindingKind = {
  id: 'resource-spelling',
  severity: 'error',
  title: 'a resource by its kind, its singular, a short name or with a slip',
  why: 'Resources are matched as URLs have them: plural and lower case. `Pod`, `pod` and `po` match nothing, and kube-apiserver accepts them.',
  remedy: 'Write the plural in lower case.',
  example: '- level: Metadata\n  resources:\n  - group: ""\n    resources: [Secret, configmap]\n- level: Request\n',
};

export const WRONG_GROUP: FindingKind = {
  id: 'wrong-group',
  severity: 'error',
  title: 'a resource in a group that does not have it',
  why: 'The resource exists in another API group. An entry without `group` is of the core group, which is the usual slip: `resources: [deployments]` matches nothing.',
  remedy: 'Write the group of the resource, one entry a group.',
  example: '- level: RequestResponse\n  resources:\n  - resources: [deployments]\n- level: Metadata\n',
};

export const UNKNOWN_RESOURCE: FindingKind = {
  id: 'unknown-resource',
  severity: 'warning',
  title: 'a resource that its group does not have',
  why: 'The group is one of Kubernetes itself, and this resource is not in it in any supported version, alpha ones included. The entry never matches.',
  remedy: 'See `kubectl api-resources` for what a cluster has.',
  example: '- level: Request\n  resources:\n  - group: apps\n    resources: [microservices]\n- level: Metadata\n',
};

export const UNKNOWN_SUBRESOURCE: FindingKind = {
  id: 'unknown-subresource',
  severity: 'error',
  title: 'a subresource that the resource does not have',
  why: 'The resource exists, but not below it what is named: the entry never matches. `nodes/metrics`, `nodes/stats`, `nodes/log` and `nodes/spec` are names of the kubelet’s own authorization; requests through the API server are `nodes/proxy`.',
  remedy: 'Write the subresource as the URL has it.',
  example: '- level: Metadata\n  resources:\n  - group: ""\n    resources: [pods/execute]\n- level: None\n',
};

export const CLUSTER_SCOPED: FindingKind = {
  id: 'cluster-scoped-resource',
  severity: 'error',
  title: 'a resource without a namespace in a rule for namespaces',
  why: 'Requests for nodes, persistent volumes or cluster roles are in no namespace, which is the name `""` to a policy. A rule with other namespaces never matches them.',
  remedy: 'Give the resource a rule of its own without `namespaces`, or add `""` to them (which adds lists over all namespaces too).',
  example:
    '- level: Request\n  namespaces: [kube-system]\n  resources:\n  - group: rbac.authorization.k8s.io\n    resources: [clusterroles, roles]\n- level: Metadata\n',
};

export const RESOURCE_NAME_KINDS: readonly FindingKind[] = [
  IMPOSSIBLE_RESOURCE,
  RESOURCE_SPELLING,
  WRONG_GROUP,
  UNKNOWN_RESOURCE,
  UNKNOWN_SUBRESOURCE,
  CLUSTER_SCOPED,
];

export function* checkResourceNames({ rules, text }: LintContext): Iterable<Finding> {
  for (const rule of rules)
    for (const group of rule.groups)
      for (const [index, pattern] of (group.entry.resources ?? []).entries())
        yield* checkPattern({
          rule,
          group,
          pattern,
          text,
          path: `${group.path}.resources[${index}]`,
          value: valueAt(group.data, 'resources', index),
        });
}

interface Pattern {
  readonly rule: RuleView;
  readonly group: GroupView;
  readonly pattern: string;
  readonly path: string;
  readonly value: Data;
  readonly text: SourceText;
}

function* checkPattern(given: Pattern): Iterable<Finding> {
  const { pattern, path, value, text } = given;
  const possible = possibleInstead(pattern);
  if (possible !== undefined) {
    yield finding(IMPOSSIBLE_RESOURCE, value, {
      path,
      message: `${quoted(pattern)} matches no request`,
      advice: possible === '' ? 'take it out' : `write ${possible}`,
      fix: possible === '' ? undefined : fixOf(`write ${possible} for ${quoted(pattern)}`, 'stated', replaceString(text, value, possible)),
    });
    return;
  }
  const [base = '', subresource = ''] = pattern.split('/');
  if (base.includes('*')) return;
  const { group = '' } = given.group.entry;
  const known = findResource(group, base);
  if (known === undefined) yield* checkUnknown(given, group, base);
  else yield* checkKnown(given, known, subresource);
}

/** What was meant by a pattern that matches nothing; `''`: nothing that can be guessed. */
function possibleInstead(pattern: string): string | undefined {
  if (pattern === '*/*' || pattern === '*/') return '*';
  if (pattern.trim() === '' || pattern.startsWith('/')) return '';
  const parts = pattern.split('/');
  if (parts.length > 2) return '';
  return parts[1] === '' ? parts[0] : undefined;
}

function* checkUnknown(given: Pattern, group: string, base: string): Iterable<Finding> {
  const { path, value, text, pattern } = given;
  const rest = pattern.slice(base.length);
  if (group !== '*' && !KNOWN_GROUPS.has(group)) return;
  if (OLDER_RESOURCES.has(`${group}/${base}`)) return;
  const former = FORMER_RESOURCES.get(`${group}/${base}`);
  if (former !== undefined) {
    yield finding(UNKNOWN_RESOURCE, value, {
      path,
      message: `${base} are gone from ${nameOf(group)} since Kubernetes ${former.until}`,
      advice: former.now === undefined ? 'take it out' : `they are in ${former.now} now`,
      severity: 'info',
    });
    return;
  }
  const isIn = ({ group: other }: KnownResource): boolean => group === '*' || other === group;
  const meant = resourcesMeant(base);
  const inGroup =
    meant.find(isIn)?.resource ??
    nearest(
      base,
      KNOWN_RESOURCES.filter(isIn).map(({ resource }) => resource),
    );
  if (inGroup !== undefined) {
    if (inGroup === base) return;
    yield finding(RESOURCE_SPELLING, value, {
      path,
      message: `there is no resource ${quoted(base)} in ${nameOf(group)}`,
      advice: `write ${inGroup}${rest}`,
      fix: fixOf(`write ${inGroup}${rest} for ${quoted(pattern)}`, 'stated', replaceString(text, value, `${inGroup}${rest}`)),
    });
    return;
  }
  const elsewhere = groupsOf(base);
  if (elsewhere.length > 0) {
    yield wrongGroup(given, base, elsewhere);
    return;
  }
  const [other] = meant;
  if (group === '*') return;
  yield finding(other === undefined ? UNKNOWN_RESOURCE : RESOURCE_SPELLING, value, {
    path,
    message: `there is no resource ${quoted(base)} in ${nameOf(group)}`,
    advice:
      other === undefined
        ? 'kubectl api-resources shows the resources of a cluster'
        : `write group: ${quoted(other.group)} and resources: [${other.resource}${rest}]`,
  });
}

/** The group can be put right when every resource of the entry is in it. */
function wrongGroup({ group, path, value, text }: Pattern, base: string, elsewhere: readonly string[]): Finding {
  const patterns = group.entry.resources ?? [];
  const right = elsewhere.find((candidate) =>
    patterns.every((pattern) => findResource(candidate, pattern.split('/', 1)[0] ?? '') !== undefined),
  );
  const written = valueAt(group.data, 'group');
  const { group: name = '' } = group.entry;
  return finding(WRONG_GROUP, value, {
    path,
    message: `${base} are not in ${nameOf(name)} but in ${list(elsewhere.map(nameOf))}`,
    advice: right === undefined ? `make an entry of its own with group: ${quoted(elsewhere[0] ?? '')}` : `write group: ${quoted(right)}`,
    fix:
      right === undefined || written === group.data
        ? undefined
        : fixOf(`write group ${quoted(right)} for ${quoted(name)}`, 'stated', replaceString(text, written, right)),
  });
}

function* checkKnown({ rule, path, value, text, pattern }: Pattern, known: KnownResource, subresource: string): Iterable<Finding> {
  const { namespaces = [] } = rule.rule;
  // A namespace is in itself.
  if (!known.namespaced && known.resource !== 'namespaces' && namespaces.length > 0 && !namespaces.includes(''))
    yield finding(CLUSTER_SCOPED, value, {
      path,
      message: `${known.resource} are in no namespace: a rule for ${list(namespaces)} never matches them`,
      advice: 'give them a rule without namespaces',
    });
  if (subresource === '' || subresource === '*' || known.subresources.includes(subresource)) return;
  const near =
    nearest(subresource, known.subresources) ?? known.subresources.find((other) => other.length > 2 && subresource.startsWith(other));
  const isKubelets = known.resource === 'nodes' && KUBELET_SUBRESOURCES.has(subresource);
  const meant = isKubelets ? 'proxy' : near;
  yield finding(UNKNOWN_SUBRESOURCE, value, {
    path,
    message: isKubelets
      ? `${pattern} is a name of the kubelet’s own authorization: requests through the API server are nodes/proxy`
      : `${known.resource} have no subresource ${quoted(subresource)}`,
    advice:
      meant === undefined
        ? `they have ${known.subresources.length === 0 ? 'none' : list(known.subresources, 12)}`
        : `write ${known.resource}/${meant}`,
    fix:
      near === undefined
        ? undefined
        : fixOf(
            `write ${known.resource}/${near} for ${quoted(pattern)}`,
            'stated',
            replaceString(text, value, `${known.resource}/${near}`),
          ),
  });
}

function nameOf(group: string): string {
  if (group === '*') return 'any group';
  return group === '' ? 'the core group' : group;
}
