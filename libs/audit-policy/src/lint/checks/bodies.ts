import type { Level } from '@k8s-audit/audit-events';
import { compareVersions } from '../../kubernetes-version.ts';
import type { Policy, PolicyRule } from '../../model.ts';
import { candidatesOf } from '../../reachability/candidates.ts';
import { decidersOf, type RequestClass } from '../../reachability/deciders.ts';
import type { PolicySearch } from '../../reachability/policy-search.ts';
import { entryOf, finding, fixOf, keyAt, type LintContext, valueAt } from '../context.ts';
import { isFlow } from '../edits.ts';
import type { Finding, FindingKind } from '../finding.ts';
import { list } from '../wording.ts';

export const SECRETS_RECORDED: FindingKind = {
  id: 'secrets-recorded',
  severity: 'error',
  title: 'secrets or tokens in recorded bodies',
  why: 'At Request the body of a create, update or patch is recorded, at RequestResponse the answer too, a list or a watch of secrets included. Whoever reads the audit log then reads every secret, and so does every back-up of it. Config maps are reported as a warning, because credentials end up in them.',
  remedy:
    'Put a rule before it that records them at Metadata: `resources: [{group: "", resources: [secrets, configmaps, serviceaccounts/token]}, {group: authentication.k8s.io, resources: [tokenreviews]}]`.',
  example: '- level: RequestResponse\n  resources:\n  - group: ""\n    resources: [secrets]\n- level: Metadata\n',
};

export const WHOLE_LISTS: FindingKind = {
  id: 'whole-lists-recorded',
  severity: 'warning',
  title: 'whole lists in recorded bodies',
  why: 'At RequestResponse a list is one event with every object in it, megabytes on a real cluster, and each controller lists. Above the limits of the API server or of what reads the log the event is cut or lost.',
  remedy: 'Record changes at RequestResponse (`verbs: [create, update, patch, delete, deletecollection]`), and reading at Metadata.',
  example: '- level: RequestResponse\n  resources:\n  - group: ""\n    resources: [pods]\n- level: Metadata\n',
};

export const MANAGED_FIELDS: FindingKind = {
  id: 'managed-fields',
  severity: 'info',
  title: 'bodies with managedFields',
  why: 'Recorded bodies hold `metadata.managedFields`, which says who owns which field, often makes half of a body, and is of no use in an audit.',
  remedy: 'Set `omitManagedFields: true` for the policy.',
  example: '- level: Request\n  verbs: [create]\n  resources:\n  - group: apps\n- level: Metadata\n',
};

export const BODY_KINDS: readonly FindingKind[] = [SECRETS_RECORDED, WHOLE_LISTS, MANAGED_FIELDS];

interface Sensitive {
  readonly name: string;
  readonly severity: 'error' | 'warning';
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespaced: boolean;
  /** Verbs whose request holds it, and those whose answer does. */
  readonly sent: readonly string[];
  readonly answered: readonly string[];
}

const READING = ['get', 'list', 'watch'];
const CHANGES = ['create', 'update', 'patch'];

const SENSITIVE: readonly Sensitive[] = [
  {
    name: 'secrets',
    severity: 'error',
    group: '',
    resource: 'secrets',
    subresource: '',
    namespaced: true,
    sent: CHANGES,
    answered: [...READING, ...CHANGES, 'delete', 'deletecollection'],
  },
  {
    name: 'configmaps',
    severity: 'warning',
    group: '',
    resource: 'configmaps',
    subresource: '',
    namespaced: true,
    sent: CHANGES,
    answered: [...READING, ...CHANGES],
  },
  // The request asks for a token, the answer is the token.
  {
    name: 'serviceaccounts/token',
    severity: 'error',
    group: '',
    resource: 'serviceaccounts',
    subresource: 'token',
    namespaced: true,
    sent: [],
    answered: ['create'],
  },
  // The request is the token that somebody presented.
  {
    name: 'tokenreviews',
    severity: 'error',
    group: 'authentication.k8s.io',
    resource: 'tokenreviews',
    subresource: '',
    namespaced: false,
    sent: ['create'],
    answered: ['create'],
  },
];

export function* checkBodies(context: LintContext): Iterable<Finding> {
  const { policy, search } = context;
  if (policy === undefined || search === undefined) return;
  yield* secretsRecorded(context, search);
  const bodies = [...policy.rules.keys()].filter(
    (index) => isBody(policy.rules[index]?.level) && context.covers()[index]?.kind === 'escapes',
  );
  for (const index of bodies) yield* wholeLists(context, search, index);
  yield* managedFields(context, policy, bodies);
}

function isBody(level: Level | undefined): boolean {
  return level === 'Request' || level === 'RequestResponse';
}

function* secretsRecorded({ rules }: LintContext, search: PolicySearch): Iterable<Finding> {
  const found = new Map<number, { readonly name: string; readonly verb: string; readonly severity: Sensitive['severity'] }[]>();
  for (const sensitive of SENSITIVE)
    for (const verb of sensitive.answered)
      for (const { decision } of decidersOf(search, classOf(sensitive, verb))) {
        const records = decision.level === 'RequestResponse' || (decision.level === 'Request' && sensitive.sent.includes(verb));
        if (!records || decision.matchedRule === undefined) continue;
        found.set(decision.matchedRule, [
          ...(found.get(decision.matchedRule) ?? []),
          { name: sensitive.name, verb, severity: sensitive.severity },
        ]);
      }
  for (const [index, cases] of found) {
    const view = rules[index];
    if (view === undefined) continue;
    const names = [...new Set(cases.map(({ name }) => name))];
    const whats = names.map(
      (name) =>
        `${name} (${cases
          .filter((one) => one.name === name)
          .map(({ verb }) => verb)
          .join(', ')})`,
    );
    yield finding(SECRETS_RECORDED, valueAt(view.data, 'level'), {
      path: `${view.path}.level`,
      message: `level ${view.rule.level} records the bodies of ${list(whats)}`,
      advice: `put a rule before it that records ${list(names)} at Metadata`,
      severity: cases.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
    });
  }
}

function classOf({ group, resource, subresource, namespaced }: Sensitive, verb: string): RequestClass {
  const name = verb === 'create' && subresource === '' ? { name: '' } : {};
  return { verbs: [verb], objects: [{ kind: 'resource', apiGroup: group, resource, subresource, namespaced, ...name }] };
}

function* wholeLists({ rules }: LintContext, search: PolicySearch, index: number): Iterable<Finding> {
  const rule = search.policy.rules[index] as PolicyRule;
  const view = rules[index];
  if (rule.level !== 'RequestResponse' || view === undefined) return;
  const requests = candidatesOf(rule, search.unnamed);
  const objects = requests.objects.filter((object) => object.kind === 'resource' && canBeListed(object));
  const verbs = rule.verbs === undefined || rule.verbs.length === 0 ? ['list'] : rule.verbs.filter((verb) => verb === 'list');
  const cover = search.coverBefore({ ...requests, objects, verbs }, index);
  if (cover.kind !== 'escapes') return;
  const { resource } = cover.request;
  yield finding(WHOLE_LISTS, valueAt(view.data, 'level'), {
    path: `${view.path}.level`,
    message: `a list of ${resource.startsWith('any-other') ? 'any of these resources' : resource} is recorded with every object in it`,
    advice: 'record reading at Metadata: give this rule the verbs create, update, patch, delete and deletecollection',
  });
}

/** Reviews and bindings are only ever created, and below a resource there is nothing to list. */
function canBeListed({ resource, subresource }: { readonly resource: string; readonly subresource: string }): boolean {
  return (subresource === '' || subresource.startsWith('any-other')) && !/reviews$|^bindings$/.test(resource);
}

function* managedFields({ rules, root, text, version }: LintContext, policy: Policy, bodies: readonly number[]): Iterable<Finding> {
  // omitManagedFields came with Kubernetes 1.24.
  if (root === undefined || compareVersions(version, '1.24') < 0) return;
  const withFields = bodies.filter((index) => !(policy.rules[index]?.omitManagedFields ?? policy.omitManagedFields ?? false));
  const [first] = withFields;
  if (first === undefined) return;
  const view = rules[first];
  const head = keyAt(root, 'rules');
  yield finding(MANAGED_FIELDS, valueAt(view?.data ?? root, 'level'), {
    path: `rules[${first}].level`,
    message: `${list(withFields.map((index) => `rules[${index}]`))} record${withFields.length === 1 ? 's' : ''} managedFields with every body`,
    advice: 'add omitManagedFields: true to the policy',
    fix:
      entryOf(root, 'omitManagedFields') !== undefined || isFlow(text, root) || head.place.column !== 1
        ? undefined
        : fixOf('leave managedFields out of recorded bodies', 'stated', [
            { place: head.place, end: head.place, text: 'omitManagedFields: true\n' },
          ]),
  });
}
