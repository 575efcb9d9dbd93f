import type { AuditEvent, JsonObject } from '@k8s-audit/audit-events';
import { type FactDraft, setFact, setFlag } from './fact.ts';
import { asObject, asObjects, asText, asTexts, at } from './json-reading.ts';

/** What a role allows, and whom a binding gives what. */
export function rbacFacts(event: AuditEvent, body: JsonObject, facts: FactDraft): void {
  switch (event.objectRef?.resource) {
    case 'roles':
    case 'clusterroles':
      roleFacts(body, facts);
      return;
    case 'rolebindings':
    case 'clusterrolebindings':
      bindingFacts(body, event.objectRef.namespace ?? '', facts);
      return;
    default:
  }
}

/** Each rule on its own: verbs of one and resources of another allow nothing together. */
function roleFacts(role: JsonObject, facts: FactDraft): void {
  let wildcard = '';
  const risks = new Set<string>();
  const labels = asObject(at(role, 'metadata', 'labels')) ?? {};
  // Its rules become part of the built-in role, for everybody who has that one.
  if (AGGREGATES_TO.some((label) => labels[label] === 'true')) risks.add('aggregates');
  for (const rule of asObjects(role['rules'])) {
    const grant = new Grant(rule);
    const here = [grant.verbs.has('*') ? 'verbs' : '', grant.resources.has('*') ? 'resources' : ''].filter((part) => part !== '').join(',');
    // `verbs,resources` is only said of one rule that has both.
    if (here.length > wildcard.length) wildcard = here;
    for (const [name, holds] of RISKS) if (holds(grant)) risks.add(name);
  }
  setFact(facts, 'rbacWildcard', wildcard);
  setFact(facts, 'rbacRisks', [...risks].join(','));
}

const AGGREGATES_TO: readonly string[] = ['admin', 'edit', 'view'].map((role) => `rbac.authorization.k8s.io/aggregate-to-${role}`);

class Grant {
  readonly verbs: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly #groups: ReadonlySet<string>;

  constructor(rule: JsonObject) {
    this.verbs = new Set(asTexts(rule['verbs']));
    this.resources = new Set(asTexts(rule['resources']));
    this.#groups = new Set(asTexts(rule['apiGroups']));
  }

  /** Whether any of the verbs is granted on the resource; `pods/*` and `* /exec` forms included. */
  allows(verbs: readonly string[], group: string, resource: string): boolean {
    if (!this.verbs.has('*') && !verbs.some((verb) => this.verbs.has(verb))) return false;
    if (!this.#groups.has('*') && !this.#groups.has(group)) return false;
    const subresource = resource.split('/')[1];
    return this.resources.has('*') || this.resources.has(resource) || (subresource !== undefined && this.resources.has(`*/${subresource}`));
  }
}

const READ: readonly string[] = ['get', 'list', 'watch'];
const WRITE: readonly string[] = ['create', 'update', 'patch'];
const RBAC = 'rbac.authorization.k8s.io';

/** Ways from one right to more of them: kubernetes.io "RBAC good practices", privilege escalation risks. */
const RISKS: readonly (readonly [string, (grant: Grant) => boolean])[] = [
  ['escalate', (grant) => ['roles', 'clusterroles'].some((resource) => grant.allows(['escalate'], RBAC, resource))],
  ['bind', (grant) => ['roles', 'clusterroles'].some((resource) => grant.allows(['bind'], RBAC, resource))],
  ['impersonate', (grant) => ['users', 'groups', 'serviceaccounts'].some((resource) => grant.allows(['impersonate'], '', resource))],
  ['secrets-read', (grant) => grant.allows(READ, '', 'secrets')],
  ['secrets-write', (grant) => grant.allows(WRITE, '', 'secrets')],
  ['pods-create', (grant) => grant.allows(['create'], '', 'pods')],
  ['pods-exec', (grant) => ['pods/exec', 'pods/attach'].some((resource) => grant.allows(['create', 'get'], '', resource))],
  ['ephemeral-containers', (grant) => grant.allows(['update', 'patch'], '', 'pods/ephemeralcontainers')],
  ['nodes-proxy', (grant) => grant.allows(['get', 'create'], '', 'nodes/proxy')],
  ['token-create', (grant) => grant.allows(['create'], '', 'serviceaccounts/token')],
  ['csr-approve', (grant) => grant.allows(['update', 'patch'], 'certificates.k8s.io', 'certificatesigningrequests/approval')],
  [
    'webhook-write',
    (grant) =>
      ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'].some((resource) =>
        grant.allows(WRITE, 'admissionregistration.k8s.io', resource),
      ),
  ],
  ['rbac-write', (grant) => ['rolebindings', 'clusterrolebindings'].some((resource) => grant.allows(WRITE, RBAC, resource))],
  [
    'workloads-write',
    (grant) =>
      ['deployments', 'daemonsets', 'statefulsets'].some((resource) => grant.allows(WRITE, 'apps', resource)) ||
      ['jobs', 'cronjobs'].some((resource) => grant.allows(WRITE, 'batch', resource)),
  ],
  ['persistent-volumes', (grant) => grant.allows(['create'], '', 'persistentvolumes')],
];

function bindingFacts(body: JsonObject, ownNamespace: string, facts: FactDraft): void {
  const role = asObject(body['roleRef']);
  const subjects = asObjects(body['subjects']).map((subject) => ({
    kind: asText(subject['kind']) ?? '',
    namespace: asText(subject['namespace']) ?? '',
    name: asText(subject['name']) ?? '',
  }));
  if (role !== undefined) setFact(facts, 'boundRole', `${asText(role['kind']) ?? ''}/${asText(role['name']) ?? ''}`);
  setFact(
    facts,
    'boundSubjects',
    subjects.map(({ kind, namespace, name }) => [kind, namespace, name].filter((part) => part !== '').join('/')).join(','),
  );
  setFlag(facts, 'clusterAdminBinding', at(role, 'kind') === 'ClusterRole' && at(role, 'name') === 'cluster-admin');
  setFlag(
    facts,
    'bindsAnonymous',
    subjects.some(({ kind, name }) => kind !== 'ServiceAccount' && EVERYBODY.has(name)),
  );
  setFlag(
    facts,
    'bindsDefaultServiceAccount',
    subjects.some((subject) => isDefaultServiceAccount(subject, ownNamespace)),
  );
}

/** `system:serviceaccounts` is every service account, and so every default one. */
function isDefaultServiceAccount(subject: { kind: string; namespace: string; name: string }, ownNamespace: string): boolean {
  if (subject.kind === 'ServiceAccount') return subject.name === 'default' && (subject.namespace !== '' || ownNamespace !== '');
  return subject.name === 'system:serviceaccounts' || /^system:serviceaccount:[^:]+:default$/.test(subject.name);
}

const EVERYBODY: ReadonlySet<string> = new Set(['system:anonymous', 'system:unauthenticated', 'system:authenticated']);
