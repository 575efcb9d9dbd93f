import type { AuditEvent, JsonValue, ObjectReference } from '@k8s-audit/audit-events';
import { describe, expect, it } from 'vitest';
import { auditEvent } from '../testing/audit-event.ts';
import { FACTS, type Facts, MAX_FACT_BYTES } from './fact.ts';
import { factsOf } from './facts.ts';

/** The facts that an event has beyond those of every request. */
function facts(more: Partial<AuditEvent>): Facts {
  const { scope: _scope, client: _client, source: _source, ...rest } = factsOf(auditEvent(more));
  return rest;
}

const at = (resource: string, more: Partial<ObjectReference> = {}): ObjectReference => ({
  resource,
  namespace: 'default',
  name: 'x',
  ...more,
});
const pod = (spec: object, more: object = {}): JsonValue =>
  ({ kind: 'Pod', metadata: {}, spec: { containers: [{ name: 'c' }], ...spec }, ...more }) as JsonValue;
const container = (securityContext: object, more: object = {}): object => ({ name: 'c', securityContext, ...more });

describe('the request', () => {
  it.each<[string, Partial<AuditEvent>, Facts]>([
    ['one object', { verb: 'get' }, { scope: 'object' }],
    ['a namespace', { verb: 'list', objectRef: at('pods', { name: '' }) }, { scope: 'namespace' }],
    ['the cluster', { verb: 'list', objectRef: { resource: 'secrets' } }, { scope: 'cluster' }],
    ['a create with generateName', { objectRef: { resource: 'pods', namespace: 'x' } }, { scope: 'object' }],
    ['a system namespace', { objectRef: at('pods', { namespace: 'kube-system' }) }, { systemNamespace: 'true' }],
    [
      'a dry run',
      { requestURI: '/api/v1/pods?dryRun=All&fieldManager=kubectl%2Dcreate' },
      { dryRun: 'true', fieldManager: 'kubectl-create' },
    ],
    ['a dry run in the options', { verb: 'delete', requestObject: { kind: 'DeleteOptions', dryRun: ['All'] } }, { dryRun: 'true' }],
    ['a truncated event', { annotations: { 'audit.k8s.io/truncated': 'true' } }, { truncated: 'true' }],
    ['a body that the scanner left out', { omittedBodies: 'requestObject' }, { truncated: 'true' }],
    ['a service account at home', { user: { username: 'system:serviceaccount:default:web' } }, { actorNamespace: 'default' }],
    ['one abroad', { user: { username: 'system:serviceaccount:ci:web' } }, { actorNamespace: 'ci', crossNamespace: 'true' }],
    [
      'impersonation of the masters',
      { impersonatedUser: { username: 'bob', groups: ['system:masters'] } },
      { impersonates: 'bob', impersonationRisk: 'masters' },
    ],
    [
      'impersonation of a node',
      { impersonatedUser: { username: 'system:node:n' } },
      { impersonates: 'system:node:n', impersonationRisk: 'node' },
    ],
    ['impersonation of a person', { impersonatedUser: { username: 'bob' } }, { impersonates: 'bob' }],
    ['curl', { userAgent: 'curl/8.1' }, { client: 'curl' }],
    ['a controller', { userAgent: 'kube-controller-manager/v1.35.4 (linux/amd64) kubernetes/x' }, { client: 'kubernetes' }],
    ['no user agent', { userAgent: '' }, { client: 'none' }],
    ['a public address behind a forged one', { sourceIPs: ['10.1.1.1', '8.8.8.8'] }, { source: 'public' }],
    ['the node itself', { sourceIPs: ['::1'] }, { source: 'loopback' }],
    ['a carrier’s network', { sourceIPs: ['100.64.1.2'] }, { source: 'private' }],
    ['an address of IPv6', { sourceIPs: ['2001:db8::1'] }, { source: 'public' }],
    ['a mapped address', { sourceIPs: ['::ffff:10.0.0.1'] }, { source: 'private' }],
  ])('%s', (_title, more, expected) => {
    expect(factsOf(auditEvent(more))).toMatchObject(expected as object);
  });

  it.each<[string, Partial<AuditEvent>, boolean]>([
    ['an escaped name', { requestURI: '/x?d%72yRun=%41ll' }, true],
    ['another value, which is refused', { requestURI: '/x?dryRun=true' }, false],
    ['a pair that the API server does not read', { requestURI: '/x?dryRun=All;a' }, false],
    ['one with a wrong escape', { requestURI: '/x?dryRun=All%zz' }, false],
    ['one behind a semicolon', { requestURI: '/x?a;dryRun=All' }, false],
    ['a delete that was seen to have no body', { verb: 'delete', requestURI: '/x?dryRun=All' }, true],
    [
      'a delete whose body says otherwise',
      { verb: 'delete', requestURI: '/x?dryRun=All', requestObject: { kind: 'DeleteOptions' } },
      false,
    ],
    ['a delete of which nobody saw the body', { verb: 'delete', requestURI: '/x?dryRun=All', level: 'Metadata' }, false],
    [
      'one whose body was cut away',
      { verb: 'deletecollection', requestURI: '/x?dryRun=All', annotations: { 'audit.k8s.io/truncated': 'true' } },
      false,
    ],
  ])('is a dry run or not: %s', (_title, more, expected) => {
    expect(factsOf(auditEvent(more)).dryRun === 'true').toBe(expected);
  });

  it('tells nothing that is not so', () => {
    expect(factsOf(auditEvent())).toEqual({ scope: 'object', client: 'kubectl', source: 'private' });
    expect(facts({ sourceIPs: ['@'], requestURI: '/x?nodryRun=All&dryRun=' })).toEqual({});
  });
});

describe('admission', () => {
  it.each<[string, Partial<AuditEvent>, Facts]>([
    [
      'deprecated',
      { annotations: { 'k8s.io/deprecated': 'true', 'k8s.io/removed-release': '1.32' } },
      { deprecated: 'true', removedRelease: '1.32' },
    ],
    [
      'failed open',
      {
        annotations: {
          'failed-open.validating.webhook.admission.k8s.io/round_0_index_1': 'a.example.com',
          'failed-open.mutation.webhook.admission.k8s.io/round_0_index_0': 'b',
        },
      },
      { failedOpen: 'a.example.com,b' },
    ],
    [
      'Pod Security',
      {
        annotations: {
          'pod-security.kubernetes.io/enforce-policy': 'privileged:latest',
          'pod-security.kubernetes.io/audit-violations': 'would violate x',
          'pod-security.kubernetes.io/exempt': 'user',
        },
      },
      { podSecurity: 'privileged:latest', podSecurityViolations: 'would violate x', podSecurityExempt: 'user' },
    ],
    [
      'a violated policy',
      { annotations: { 'validation.policy.admission.k8s.io/validation_failure': '[{}]' } },
      { policyViolation: 'true' },
    ],
    [
      'a webhook’s no',
      { responseStatus: { code: 403, message: 'admission webhook "w.example.com" denied the request: because' } },
      { deniedBy: 'w.example.com' },
    ],
    [
      'a policy’s no',
      {
        responseStatus: {
          code: 422,
          message: "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
        },
      },
      { deniedBy: 'p' },
    ],
    [
      'Pod Security’s no',
      { responseStatus: { code: 403, message: 'pods "x" is forbidden: violates PodSecurity "restricted:latest": y' } },
      { deniedBy: 'PodSecurity' },
    ],
    [
      'a name that only looks like one',
      { responseStatus: { code: 404, message: 'pods "admission webhook "w" denied the request" not found' } },
      {},
    ],
  ])('%s', (_title, more, expected) => {
    expect(facts(more)).toEqual(expected);
  });
});

describe('connections into a container or past the API', () => {
  const exec = at('pods', { subresource: 'exec' });
  it.each<[string, Partial<AuditEvent>, Facts]>([
    [
      'exec',
      { verb: 'get', objectRef: exec, requestURI: '/exec?command=cat&command=%2Fetc%2Fpasswd&container=web&stdout=true' },
      { command: 'cat /etc/passwd', container: 'web' },
    ],
    [
      'a shell',
      { objectRef: exec, requestURI: '/exec?command=%2Fbin%2Fbash&tty=true&stdin=1' },
      { command: '/bin/bash', shell: 'true', tty: 'true' },
    ],
    ['a shell behind another word', { objectRef: exec, requestURI: '/exec?command=env&command=sh' }, { command: 'env sh', shell: 'true' }],
    ['no shell', { objectRef: exec, requestURI: '/exec?command=shasum&command=push' }, { command: 'shasum push' }],
    [
      'options in the body',
      { objectRef: exec, requestURI: '/exec', requestObject: { kind: 'PodExecOptions', command: ['id'], container: 'c', tty: true } },
      { command: 'id', container: 'c', tty: 'true' },
    ],
    ['an escaped name', { objectRef: exec, requestURI: '/exec?c%6Fmmand=id' }, { command: 'id' }],
    [
      'what the API server does not read',
      { objectRef: exec, requestURI: '/exec?command=%zz&command=a;b&command=%ff+c' },
      { command: '\ufffd c' },
    ],
    [
      'attach',
      { objectRef: at('pods', { subresource: 'attach' }), requestURI: '/attach?container=c&tty=true' },
      { container: 'c', tty: 'true' },
    ],
    ['log', { objectRef: at('pods', { subresource: 'log' }), requestURI: '/log?container=c' }, { container: 'c' }],
    [
      'the kubelet behind a node',
      { objectRef: { resource: 'nodes', name: 'n', subresource: 'proxy' }, requestURI: '/api/v1/nodes/n/proxy/run/default/web/web?cmd=id' },
      { proxyPath: '/run/default/web/web' },
    ],
    [
      'a service',
      { objectRef: at('services', { subresource: 'proxy' }), requestURI: '/api/v1/namespaces/default/services/x:80/proxy/admin' },
      { proxyPath: '/admin' },
    ],
    [
      'its root',
      { objectRef: at('services', { subresource: 'proxy' }), requestURI: '/api/v1/namespaces/default/services/x/proxy' },
      { proxyPath: '/' },
    ],
  ])('%s', (_title, more, expected) => {
    expect(facts(more)).toEqual(expected);
  });
});

describe('pods', () => {
  it.each<[string, object, Facts]>([
    ['privileged', { containers: [container({}), container({ privileged: true })] }, { privileged: 'true' }],
    ['privileged while it starts', { initContainers: [container({ privileged: true })] }, { privileged: 'true' }],
    [
      'privileged for a debugger',
      { ephemeralContainers: [container({ privileged: true })] },
      { privileged: 'true', ephemeralContainer: 'true' },
    ],
    ['not privileged', { containers: [container({ privileged: 'true' }), container({ privileged: false })] }, {}],
    [
      'the host’s namespaces',
      { hostNetwork: true, hostPID: true, hostIPC: true },
      { hostNetwork: 'true', hostPID: 'true', hostIPC: 'true' },
    ],
    [
      'capabilities',
      { containers: [container({ capabilities: { add: ['SYS_ADMIN', 'CAP_NET_ADMIN', 'sys_admin'], drop: ['ALL'] } })] },
      { capabilities: 'NET_ADMIN,SYS_ADMIN' },
    ],
    [
      'escalation and root',
      { containers: [container({ allowPrivilegeEscalation: true, runAsUser: 0 })] },
      { privilegeEscalation: 'true', runAsRoot: 'true' },
    ],
    ['root for the pod', { securityContext: { runAsUser: 0 } }, { runAsRoot: 'true' }],
    ['root for the pod, but for no container', { securityContext: { runAsUser: 0 }, containers: [container({ runAsUser: 1000 })] }, {}],
    [
      'nothing that confines',
      {
        containers: [
          container({
            seccompProfile: { type: 'Unconfined' },
            procMount: 'Unmasked',
            appArmorProfile: { type: 'Unconfined' },
            seLinuxOptions: { type: 'spc_t' },
          }),
        ],
      },
      { unconfined: 'seccomp,apparmor,procmount,selinux' },
    ],
    ['images, once each', { containers: [{ image: 'a' }, { image: 'b' }, { image: 'a' }] }, { images: 'a,b' }],
    ['ports of the host', { containers: [{ ports: [{ hostPort: 80 }, { containerPort: 1 }, { hostPort: 0 }] }] }, { hostPorts: '80' }],
    ['a service account and a node', { serviceAccountName: 'sa', nodeName: 'n' }, { serviceAccount: 'sa', nodeName: 'n' }],
    ['control-plane nodes', { tolerations: [{ key: 'node-role.kubernetes.io/control-plane' }] }, { toleratesControlPlane: 'true' }],
    ['all nodes', { tolerations: [{ operator: 'Exists' }] }, { toleratesControlPlane: 'true' }],
    ['other nodes', { tolerations: [{ key: 'gpu', operator: 'Exists' }] }, {}],
    ['junk', { containers: 'x', volumes: [null, 1, { hostPath: 'x' }], tolerations: {}, securityContext: [] }, {}],
  ])('%s', (_title, spec, expected) => {
    expect(facts({ requestObject: pod(spec) })).toEqual(expected);
  });

  it.each<[readonly string[], string]>([
    [['/etc'], '/etc'],
    [['/data', '/var/run/docker.sock', '/etc'], '/var/run/docker.sock'],
    [['/data', '/'], '/'],
    [['//etc/./kubernetes/../'], '/etc'],
    [['/data/../../root/'], '/root'],
    [['/data', '/etc/kubernetes/pki'], '/etc/kubernetes/pki'],
    [['/a', '/proc'], '/proc'],
  ])('of the host’s paths %j the most telling is %s', (paths, telling) => {
    const volumes = paths.map((path, index) => ({ name: `v${index}`, hostPath: { path } }));

    expect(facts({ requestObject: pod({ volumes }) }).hostPath).toBe(telling);
  });

  it('tell whether such a path is writable', () => {
    const volumes = [{ name: 'v', hostPath: { path: '/data' } }];
    const mounted = (mount: object): Facts =>
      facts({ requestObject: pod({ volumes, containers: [{ volumeMounts: [{ name: 'v', ...mount }] }] }) });

    expect(mounted({})).toEqual({ hostPath: '/data', hostPaths: '/data', hostPathWritable: 'true' });
    expect(mounted({ readOnly: true })).toEqual({ hostPath: '/data', hostPaths: '/data' });
  });

  it('tell their owner', () => {
    const metadata = {
      ownerReferences: [
        { kind: 'X', name: 'x' },
        { kind: 'ReplicaSet', name: 'web-1', controller: true },
      ],
    };

    expect(facts({ requestObject: pod({}, { metadata }) })).toEqual({ owner: 'ReplicaSet/web-1' });
  });

  it('are read as they were stored, when that was recorded', () => {
    const stored = pod({ serviceAccountName: 'default', hostPID: true });

    expect(facts({ requestObject: pod({}), responseObject: stored })).toEqual({ serviceAccount: 'default', hostPID: 'true' });
    expect(facts({ requestObject: pod({ hostPID: true }), responseObject: { kind: 'Status', code: 403 } })).toEqual({ hostPID: 'true' });
  });

  it('are not looked at in a status, a list or a read', () => {
    const requestObject = pod({ hostPID: true });

    expect(facts({ verb: 'update', objectRef: at('pods', { subresource: 'status' }), requestObject })).toEqual({});
    expect(facts({ verb: 'get', responseObject: requestObject })).toEqual({});
    expect(facts({ verb: 'list', responseObject: { kind: 'PodList', items: [requestObject] } })).toEqual({});
  });

  it('are seen by their new container only, when one is added', () => {
    const objectRef = at('pods', { subresource: 'ephemeralcontainers' });
    const requestObject = pod({ hostPID: true, containers: [container({ privileged: true })], ephemeralContainers: [{ image: 'sh' }] });

    expect(facts({ verb: 'patch', objectRef, requestObject })).toEqual({ ephemeralContainer: 'true', images: 'sh' });
  });
});

describe('templates of pods', () => {
  const spec = { containers: [container({ privileged: true })] };
  it.each<[string, JsonValue, string]>([
    ['deployments', { kind: 'Deployment', spec: { template: { spec } } } as JsonValue, 'Deployment'],
    ['daemonsets', { spec: { template: { spec } } } as JsonValue, 'DaemonSet'],
    ['jobs', { spec: { template: { spec } } } as JsonValue, 'Job'],
    ['cronjobs', { spec: { jobTemplate: { spec: { template: { spec } } } } } as JsonValue, 'CronJob'],
    ['podtemplates', { template: { spec } } as JsonValue, 'PodTemplate'],
    ['rollouts', { kind: 'Rollout', spec: { template: { spec } } } as JsonValue, 'Rollout'],
  ])('%s', (resource, requestObject, workload) => {
    expect(facts({ objectRef: at(resource), requestObject })).toEqual({ workload, privileged: 'true' });
  });

  it('are no templates where nothing is described', () => {
    expect(facts({ objectRef: at('deployments'), requestObject: { kind: 'Deployment', spec: { replicas: 3 } } })).toEqual({});
  });
});

describe('patches', () => {
  const deployment = at('deployments');

  it('are read for what they set, as merge patch', () => {
    const requestObject = { spec: { template: { spec: { hostNetwork: true } } } };

    expect(facts({ verb: 'patch', objectRef: deployment, requestObject })).toEqual({ workload: 'Deployment', hostNetwork: 'true' });
  });

  it('and as JSON Patch, however small the pieces', () => {
    const requestObject = [
      { op: 'add', path: '/spec/template/spec/containers/0/securityContext', value: { privileged: true } },
      { op: 'add', path: '/spec/template/spec/containers/0/securityContext/capabilities/add/-', value: 'NET_RAW' },
      { op: 'add', path: '/spec/template/spec/volumes/-', value: { name: 'v', hostPath: { path: '/etc' } } },
      { op: 'replace', path: '/spec/template/spec/hostPID', value: true },
      { op: 'remove', path: '/spec/template/spec/hostIPC' },
      { op: 'test', path: '/spec/template/spec/hostIPC', value: true },
      { op: 'add', path: '/spec/template/spec/containers/9999999999/image', value: 'x' },
      { op: 'add', path: '/__proto__/hostIPC', value: true },
      { op: 'add', path: `/${'a/'.repeat(5_000)}`, value: true },
      null,
      { op: 'add' },
    ];

    expect(facts({ verb: 'patch', objectRef: deployment, requestObject: requestObject as never })).toEqual({
      workload: 'Deployment',
      privileged: 'true',
      capabilities: 'NET_RAW',
      images: 'x',
      hostPID: 'true',
      hostPath: '/etc',
      hostPaths: '/etc',
    });
  });

  it('that copy or move are read by their result, or said to be opaque', () => {
    const requestObject = [{ op: 'copy', from: '/metadata/x', path: '/spec/template/spec/hostPID' }] as never;
    const responseObject = { kind: 'Deployment', spec: { template: { spec: { hostPID: true } } } };

    expect(facts({ verb: 'patch', objectRef: deployment, requestObject, responseObject })).toEqual({
      workload: 'Deployment',
      hostPID: 'true',
    });
    expect(facts({ verb: 'patch', objectRef: deployment, requestObject })).toEqual({ opaquePatch: 'true' });
  });

  it('do not repeat what was there before', () => {
    const responseObject = { kind: 'Deployment', spec: { template: { spec: { hostNetwork: true } } } };

    expect(facts({ verb: 'patch', objectRef: deployment, requestObject: { spec: { replicas: 2 } }, responseObject })).toEqual({});
  });

  it('of a binding are read by their result', () => {
    const responseObject = {
      kind: 'ClusterRoleBinding',
      roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', name: 'bob' }],
    };
    const requestObject = [{ op: 'add', path: '/subjects/-', value: { kind: 'User', name: 'bob' } }];

    expect(
      facts({ verb: 'patch', objectRef: { resource: 'clusterrolebindings' }, requestObject: requestObject as never, responseObject }),
    ).toEqual({
      boundRole: 'ClusterRole/cluster-admin',
      boundSubjects: 'User/bob',
      clusterAdminBinding: 'true',
    });
  });
});

describe('roles and bindings', () => {
  const role = (...rules: readonly object[]): Facts =>
    facts({ objectRef: { resource: 'clusterroles', name: 'r' }, requestObject: { kind: 'ClusterRole', rules } as never });
  const rule = (verbs: string, resources: string, apiGroups = ''): object => ({
    verbs: verbs.split(','),
    resources: resources.split(','),
    apiGroups: [apiGroups],
  });

  it.each<[string, readonly object[], Facts]>([
    ['nothing', [rule('get,list', 'pods')], {}],
    ['secrets', [rule('watch', 'secrets')], { rbacRisks: 'secrets-read' }],
    ['all secrets of another group', [rule('get', 'secrets', 'example.com')], {}],
    ['exec', [rule('create', 'pods/exec')], { rbacRisks: 'pods-exec' }],
    ['exec over a websocket', [rule('get', '*/exec')], { rbacRisks: 'pods-exec' }],
    ['impersonation', [rule('impersonate', 'groups')], { rbacRisks: 'impersonate' }],
    ['escalation', [rule('escalate,bind', 'clusterroles', 'rbac.authorization.k8s.io')], { rbacRisks: 'escalate,bind' }],
    ['tokens', [rule('create', 'serviceaccounts/token')], { rbacRisks: 'token-create' }],
    ['the kubelet', [rule('get', 'nodes/proxy')], { rbacRisks: 'nodes-proxy' }],
    ['webhooks', [rule('patch', 'mutatingwebhookconfigurations', 'admissionregistration.k8s.io')], { rbacRisks: 'webhook-write' }],
    ['approvals', [rule('update', 'certificatesigningrequests/approval', 'certificates.k8s.io')], { rbacRisks: 'csr-approve' }],
    ['all verbs', [rule('*', 'configmaps')], { rbacWildcard: 'verbs' }],
    ['all resources', [rule('delete', '*')], { rbacWildcard: 'resources' }],
    ['verbs of one rule, resources of another', [rule('*', 'configmaps'), rule('delete', '*')], { rbacWildcard: 'resources' }],
  ])('%s', (_title, rules, expected) => {
    expect(role(...rules)).toEqual(expected);
  });

  it('that add to a built-in role say so', () => {
    const requestObject = {
      metadata: { labels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' } },
      rules: [rule('get', 'secrets')],
    };

    expect(facts({ objectRef: { resource: 'clusterroles' }, requestObject: requestObject as never })).toEqual({
      rbacRisks: 'aggregates,secrets-read',
    });
  });

  it('with everything lead everywhere', () => {
    expect(role(rule('*', '*', '*'))).toMatchObject({
      rbacWildcard: 'verbs,resources',
      rbacRisks: expect.stringContaining('escalate,bind,impersonate,secrets-read'),
    });
  });

  it.each<[string, object, Facts]>([
    [
      'a role',
      {
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [
          { kind: 'ServiceAccount', namespace: 'n', name: 'a' },
          { kind: 'Group', name: 'g' },
        ],
      },
      { boundRole: 'Role/r', boundSubjects: 'ServiceAccount/n/a,Group/g' },
    ],
    ['cluster-admin as a Role', { roleRef: { kind: 'Role', name: 'cluster-admin' } }, { boundRole: 'Role/cluster-admin' }],
    [
      'everybody',
      { roleRef: { kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'Group', name: 'system:unauthenticated' }] },
      { boundRole: 'ClusterRole/view', boundSubjects: 'Group/system:unauthenticated', bindsAnonymous: 'true' },
    ],
    [
      'a default service account',
      { roleRef: { kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'n' }] },
      { boundRole: 'ClusterRole/view', boundSubjects: 'ServiceAccount/n/default', bindsDefaultServiceAccount: 'true' },
    ],
  ])('binding %s', (_title, binding, expected) => {
    expect(facts({ objectRef: at('rolebindings'), requestObject: { kind: 'RoleBinding', ...binding } as never })).toEqual(expected);
  });
});

describe('identities', () => {
  it('of a certificate request', () => {
    const spec = { signerName: 'kubernetes.io/kube-apiserver-client', request: '[redacted] subject: CN=eve,O=system:masters' };

    expect(facts({ objectRef: { resource: 'certificatesigningrequests', name: 'x' }, requestObject: { spec } })).toEqual({
      csrSigner: 'kubernetes.io/kube-apiserver-client',
      csrSubject: 'CN=eve,O=system:masters',
      csrPrivileged: 'true',
    });
  });

  it('that is approved', () => {
    const objectRef = { resource: 'certificatesigningrequests', name: 'x', subresource: 'approval' };
    const requestObject = { spec: { request: '[redacted] subject: CN=eve' }, status: { conditions: [{ type: 'Approved' }] } };

    expect(facts({ verb: 'update', objectRef, requestObject })).toEqual({ csrSubject: 'CN=eve', csrApproval: 'approved' });
  });

  it('of a service account’s token', () => {
    const objectRef = at('serviceaccounts', { subresource: 'token' });

    expect(facts({ objectRef, requestObject: { spec: { expirationSeconds: 315_360_000, audiences: ['a', 'b'] } } })).toEqual({
      tokenSeconds: '315360000',
      tokenAudiences: 'a,b',
    });
  });
});

describe('doors and guards', () => {
  it.each<[string, string, JsonValue, Facts]>([
    [
      'a webhook for everything',
      'mutatingwebhookconfigurations',
      { webhooks: [{ clientConfig: { url: 'https://x' }, failurePolicy: 'Ignore', rules: [{ resources: ['*/*', 'secrets'] }] }] },
      { webhookRisks: 'wildcard,secrets,external-url,ignores-failure' },
    ],
    [
      'an ordinary one',
      'validatingwebhookconfigurations',
      { webhooks: [{ clientConfig: { service: {} }, failurePolicy: 'Fail', rules: [{ resources: ['pods'] }] }] },
      {},
    ],
    ['a node port', 'services', { spec: { type: 'NodePort' } }, { exposure: 'NodePort' }],
    [
      'a load balancer with addresses',
      'services',
      { spec: { type: 'LoadBalancer', externalIPs: ['1.2.3.4'] } },
      { exposure: 'LoadBalancer,externalIPs' },
    ],
    ['a service inside', 'services', { spec: { type: 'ClusterIP' } }, {}],
    ['an ingress without TLS', 'ingresses', { spec: { rules: [] } }, { ingressWithoutTls: 'true' }],
    ['one with', 'ingresses', { spec: { tls: [{ hosts: ['x'] }] } }, {}],
    [
      'a namespace’s label',
      'namespaces',
      { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
      { podSecurityLabel: 'privileged' },
    ],
    [
      'credentials in a ConfigMap',
      'configmaps',
      { data: { DB_PASSWORD: 'x', url: 'y', api_key: 'z' } },
      { configMapCredentials: 'DB_PASSWORD,api_key' },
    ],
  ])('%s', (_title, resource, requestObject, expected) => {
    expect(facts({ objectRef: at(resource), requestObject })).toEqual(expected);
  });

  it('are not judged by a patch that does not speak of them', () => {
    expect(facts({ verb: 'patch', objectRef: at('ingresses'), requestObject: { spec: { rules: [] } } })).toEqual({});
  });
});

describe('the list of facts', () => {
  it('has no two names that differ by case alone', () => {
    const names = Object.keys(FACTS).map((name) => name.toLowerCase());

    expect(new Set(names).size).toBe(names.length);
  });

  it('holds short texts only', () => {
    const images = Array.from({ length: 500 }, (_, index) => ({ image: `registry.example.com/é${index}` }));
    const { images: fact = '' } = facts({ requestObject: pod({ containers: images }) });

    expect(Buffer.byteLength(fact)).toBeLessThanOrEqual(MAX_FACT_BYTES);
    expect(Buffer.byteLength(fact)).toBeGreaterThan(MAX_FACT_BYTES - 4);
    expect(fact).not.toContain('\ufffd');
  });
});
