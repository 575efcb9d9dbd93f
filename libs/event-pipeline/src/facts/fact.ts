import { cutToBytes } from '../wire/json-text.ts';

/**
 * The closed list of facts: what detections read and rules match, `k8s.facts.NAME`. Each is one scalar text, because an array
 * reaches a rule only as printed text. A fact that does not hold is left out; whether it could have been seen says `k8s.unseen`.
 * Names compare without case in Wazuh, so no two may differ by case alone.
 */
export const FACTS = {
  // The request
  scope: '`cluster` (all namespaces or a cluster-wide collection), `namespace` (a collection in one), `object` (one by name)',
  dryRun: '`true`: nothing was stored',
  truncated: '`true`: bodies were left out of the event by the API server or the receiver because of its size',
  deprecated: '`true`: the API version is deprecated',
  removedRelease: 'the Kubernetes release in which the API version is gone',
  fieldManager: 'who the change is recorded for, as the client says',
  opaquePatch: '`true`: a JSON Patch that copies or moves; what it sets could not be seen, because the response was not recorded',
  systemNamespace: '`true`: kube-system, kube-public or kube-node-lease',
  // Who and from where
  actorNamespace: 'namespace of the service account that asks',
  crossNamespace: '`true`: a service account reaches into another namespace than its own',
  impersonates: 'the user name that is impersonated',
  impersonationRisk: '`masters` (group system:masters), `system` (a reserved name), `service-account`, `node`',
  client: 'family of the client by its user agent: kubectl, helm, client-go, curl, python, browser, …; the client can write anything here',
  source: 'kind of the source address: `loopback`, `private`, `public`',
  // Admission
  deniedBy: 'the admission webhook or policy that refused',
  failedOpen: 'admission webhooks that could not be asked and let the request through',
  policyViolation: '`true`: a ValidatingAdmissionPolicy with the action Audit was violated',
  podSecurity: 'Pod Security level that was enforced, `privileged:latest`',
  podSecurityViolations: 'what the Pod Security level of mode audit would have refused',
  podSecurityExempt: 'why Pod Security was not applied: `user`, `namespace` or `runtimeClass`',
  // Into a container or past the API
  command: 'the command of an exec, its words joined by a blank',
  container: 'the container of an exec, attach or log',
  shell: '`true`: the command starts a shell',
  tty: '`true`: with a terminal',
  proxyPath: 'what is asked of the pod, service or node behind a proxy request',
  // Pods and pod templates: any of the init, ephemeral and plain containers
  workload: 'kind of the template in which the pod is described: Deployment, CronJob, …; absent for a pod itself',
  owner: 'KIND/NAME of the controller that owns the pod',
  images: 'images of all containers, joined by a comma',
  serviceAccount: 'the service account that the pod runs under',
  nodeName: 'the node that the pod asks for by name, past the scheduler',
  ephemeralContainer: '`true`: an ephemeral container is added',
  privileged: '`true`',
  privilegeEscalation: '`true`: allowPrivilegeEscalation is asked for',
  capabilities: 'Linux capabilities that are added, sorted and joined by a comma',
  runAsRoot: '`true`: runAsUser 0',
  unconfined: '`seccomp`, `apparmor`, `procmount`, `selinux`, joined by a comma: what is switched off',
  hostPath: 'the most telling path of the host that is mounted, normalised',
  hostPaths: 'all of them, joined by a comma',
  hostPathWritable: '`true`: at least one is mounted writable',
  hostNetwork: '`true`',
  hostPID: '`true`',
  hostIPC: '`true`',
  hostPorts: 'ports of the host, joined by a comma',
  toleratesControlPlane: '`true`: may run on control-plane nodes',
  // RBAC
  rbacWildcard: '`verbs`, `resources`, or `verbs,resources` when one rule has both',
  rbacRisks:
    'what the role allows that leads to more: `escalate`, `bind`, `impersonate`, `secrets-read`, `pods-exec`, `aggregates` (into admin, edit or view), …, joined by a comma',
  boundRole: 'KIND/NAME of the role that is bound',
  boundSubjects: 'KIND/[NAMESPACE/]NAME of each subject, joined by a comma',
  clusterAdminBinding: '`true`: the role is cluster-admin',
  bindsAnonymous: '`true`: anonymous, unauthenticated or all authenticated users are among the subjects',
  bindsDefaultServiceAccount: '`true`: a default service account is among the subjects',
  // Identities
  csrSigner: 'signer of a certificate request',
  csrSubject: 'subject that a certificate request asks for, `CN=…,O=…`',
  csrPrivileged: '`true`: system:masters or another reserved name is asked for',
  csrApproval: '`approved` or `denied`',
  tokenSeconds: 'lifetime that is asked of a service-account token',
  tokenAudiences: 'audiences of that token, joined by a comma',
  // Other objects
  webhookRisks: 'of an admission webhook: `wildcard`, `external-url`, `ignores-failure`, `secrets`, joined by a comma',
  exposure: 'how a service is reached from outside: `NodePort`, `LoadBalancer`, `externalIPs`, joined by a comma',
  ingressWithoutTls: '`true`',
  podSecurityLabel: 'level that a namespace’s own label enforces: `privileged`, `baseline`, `restricted`',
  configMapCredentials: 'keys of a ConfigMap that are named like credentials, joined by a comma',
} as const;

export type FactName = keyof typeof FACTS;
export type Facts = Readonly<Partial<Record<FactName, string>>>;
export type FactDraft = Partial<Record<FactName, string>>;

/** What holds no longer fits is cut: a fact is for matching, the body has the rest. */
export const MAX_FACT_BYTES = 1_024;

export function setFact(facts: FactDraft, name: FactName, value: string | undefined): void {
  if (value !== undefined && value !== '') facts[name] = cutToBytes(value, MAX_FACT_BYTES);
}

export function setFlag(facts: FactDraft, name: FactName, holds: boolean): void {
  if (holds) facts[name] = 'true';
}
