import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { undoYamlChanges } from '@k8s-audit/yaml-edits';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { AuditSetup, Patch, PatchOptions } from './audit-setup.ts';
import { auditFlags } from './flag.ts';
import { patchKindCluster } from './kind-cluster.ts';
import { patchKubeadmConfigMap, patchKubeadmConfiguration } from './kubeadm-configuration.ts';
import { computeLoadFlags } from './load-flags.ts';
import { minikubeArguments, renderK0sFragment, renderKopsFragment, renderMicrok8sArguments, renderTalosPatch } from './rendered-configs.ts';
import { patchK3sConfig, patchRke2Config } from './server-config.ts';

const INIT_DEFAULTS = readFileSync(join(import.meta.dirname, '../../../fixtures/kubeadm/init-defaults.v1beta4.yaml'), 'utf8');

function setup(folder = '/etc/kubernetes/audit', logPath?: string): AuditSetup {
  const paths = { policyPath: `${folder}/policy.yaml`, webhookPath: `${folder}/webhook.yaml` };
  return {
    flags: auditFlags({ ...paths, load: computeLoadFlags(), ...(logPath === undefined ? {} : { logPath }) }),
    mounts: [{ name: 'k8s-audit', hostPath: folder, mountPath: folder, readOnly: true, type: 'Directory' }],
    checksum: 'policy=1',
  };
}

const SETUP = setup();
const V1BETA3 = `# of prod-eu
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  extraArgs:
    authorization-mode: "Node,RBAC"   # ours
    audit-webhook-batch-max-size: '1'
controlPlaneEndpoint: cp.example:6443
`;
const CONFIG_MAP = `apiVersion: v1
data:
  ClusterConfiguration: |
    apiServer: {}
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    networking: {}
kind: ConfigMap
metadata:
  name: kubeadm-config
  namespace: kube-system
`;
const K3S = `write-kubeconfig-mode: "0644"
kube-apiserver-arg:            # hardening
  - "request-timeout=300s"
  - anonymous-auth=false
tls-san: [ k3s.example ]
`;
const RKE2 = 'profile: cis\nkube-apiserver-arg: "audit-log-maxage=40"\n';
const KIND = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
  extraMounts:
  - hostPath: /srv
    containerPath: /srv
- role: worker
- role: control-plane
`;

type Patcher = (text: string, setup: AuditSetup, options: PatchOptions) => Patch;
const CASES: readonly (readonly [name: string, text: string, patch: Patcher])[] = [
  ['kubeadm-v1beta3', V1BETA3, patchKubeadmConfiguration],
  ['kubeadm-v1beta4', INIT_DEFAULTS, patchKubeadmConfiguration],
  ['kubeadm-config-map', CONFIG_MAP, patchKubeadmConfigMap],
  ['k3s', K3S, patchK3sConfig],
  ['rke2', RKE2, patchRke2Config],
  ['kind', KIND, (text, given) => patchKindCluster(text, given, './audit')],
];

function patched(patch: Patch): Extract<Patch, { kind: 'patched' }> {
  if (patch.kind !== 'patched') throw new Error(JSON.stringify(patch.conflicts));
  return patch;
}

describe.each(CASES)('%s', (name, text, patch) => {
  it('is as recorded, keeps what it does not change, and gives the very bytes back', async () => {
    const { text: after, changes } = patched(patch(text, SETUP, {}));
    await expect(after).toMatchFileSnapshot(`../golden/${name}.yaml`);
    expect(undoYamlChanges(after, changes)).toMatchObject({ text, left: [] });
  });

  it('does not change when it is patched twice', () => {
    const once = patched(patch(text, SETUP, {})).text;
    expect(patched(patch(once, SETUP, {}))).toMatchObject({ text: once, changes: [] });
  });

  it('gets the line breaks that it has', () => {
    const after = patched(patch(text.replaceAll('\n', '\r\n'), SETUP, {})).text;
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
  });
});

it.each([
  ['kubeadm-v1beta3', V1BETA3.replace("audit-webhook-batch-max-size: '1'", 'audit-policy-file: /theirs'), patchKubeadmConfiguration],
  [
    'kubeadm-v1beta4',
    INIT_DEFAULTS.replace('apiServer: {}', 'apiServer: {extraArgs: [{name: audit-policy-file, value: /theirs}]}'),
    patchKubeadmConfiguration,
  ],
  ['k3s', 'kube-apiserver-arg: audit-policy-file=/theirs\n', patchK3sConfig],
  ['rke2', 'audit-policy-file: /theirs\n', patchRke2Config],
] as const)('%s: a policy of somebody else is a conflict, replaced when asked, and put back', (_, text, patch) => {
  expect(patch(text, SETUP, {})).toMatchObject({ kind: 'conflicts', conflicts: [{ what: '--audit-policy-file', there: '/theirs' }] });
  const { text: after, changes } = patched(patch(text, SETUP, { replace: true }));
  expect(after).not.toContain('/theirs');
  expect(undoYamlChanges(after, changes).text).toBe(text);
});

it('kind: a patch of somebody else that audits is a conflict, named by its line', () => {
  const text = `${KIND}kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer:\n    extraArgs:\n      audit-policy-file: /x\n`;
  expect(patchKindCluster(text, SETUP, './audit')).toMatchObject({ kind: 'conflicts', conflicts: [{ there: 'audit-policy-file: /x' }] });
});

it('kind: without nodes it gets the one that kind would make', () => {
  const { text } = patched(patchKindCluster('kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n', SETUP, '/home/me/audit'));
  expect(parse(text)).toMatchObject({ nodes: [{ role: 'control-plane', extraMounts: [{ hostPath: '/home/me/audit' }] }] });
  // A patch with a version would not match the other one.
  expect(parse(parse(text).kubeadmConfigPatches[0]).apiVersion).toBeUndefined();
});

it('kubeadm: the other documents of the file stay as they are', () => {
  const [init, cluster] = parseAllDocuments(patched(patchKubeadmConfiguration(INIT_DEFAULTS, SETUP)).text).map((document) =>
    document.toJS(),
  );
  expect(init).toEqual(parseAllDocuments(INIT_DEFAULTS)[0]?.toJS());
  expect(cluster.apiServer.extraArgs).toContainEqual({ name: 'audit-webhook-mode', value: 'batch' });
});

it.each([
  [
    'an old version',
    'apiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterConfiguration\n',
    patchKubeadmConfiguration,
    'APISERVER_MANIFEST_UNSUITABLE',
  ],
  ['no ClusterConfiguration', 'kind: InitConfiguration\n', patchKubeadmConfiguration, 'YAML_UNSUITABLE'],
  ['two of them', `${V1BETA3}---\n${V1BETA3}`, patchKubeadmConfiguration, 'YAML_UNSUITABLE'],
  ['another ConfigMap', 'kind: ConfigMap\ndata: {}\n', patchKubeadmConfigMap, 'APISERVER_MANIFEST_UNSUITABLE'],
  [
    'a cluster of another kind',
    'kind: Pod\n',
    (text: string, given: AuditSetup) => patchKindCluster(text, given, '.'),
    'APISERVER_MANIFEST_UNSUITABLE',
  ],
  ['arguments that are a map', 'kube-apiserver-arg: {a: b}\n', patchK3sConfig, 'YAML_UNSUITABLE'],
])('refuses %s', (_, text, patch, code) => {
  expect(() => (patch as Patcher)(text, SETUP, {})).toThrow(expect.objectContaining({ code }));
});

it('RKE2 keeps its own log, and is told nothing about another', () => {
  const { text, remarks } = patched(patchRke2Config('', setup('/etc/rancher/rke2/audit', '/var/log/audit.log')));
  expect(text).not.toContain('audit-log');
  expect(remarks).toEqual([expect.objectContaining({ kind: 'kept', what: '--audit-log-path' })]);
});

describe('what is only rendered', () => {
  const files = [
    { path: '/etc/kubernetes/audit/webhook.yaml', content: 'kind: Config\n', secret: false },
    { path: '/etc/kubernetes/audit/audit-client.key', content: '(key)\n', secret: true },
  ];
  it.each([
    ['talos.yaml', () => renderTalosPatch(setup('/etc/kubernetes/audit', '/var/log/x'), { kind: 'Policy', rules: [] }, files)],
    ['k0s.yaml', () => renderK0sFragment(setup('/etc/k0s/audit'))],
    ['kops.yaml', () => renderKopsFragment(SETUP, files)],
    ['microk8s.txt', () => renderMicrok8sArguments(setup('/var/snap/microk8s/current/args/k8s-audit'))],
    ['minikube.txt', () => `${minikubeArguments(setup('/etc/ssl/certs/k8s-audit')).join('\n')}\n`],
  ])('%s is as recorded', async (name, render) => {
    await expect(render()).toMatchFileSnapshot(`../golden/${name}`);
  });

  it('Talos is not told twice where the policy is: it writes that file itself', () => {
    const { machine, cluster } = parse(renderTalosPatch(SETUP, { rules: [] }, files));
    expect(Object.keys(cluster.apiServer.extraArgs)).not.toContain('audit-policy-file');
    expect(machine.files.map(({ path }: { path: string }) => path)).toEqual([
      '/var/k8s-audit/webhook.yaml',
      '/var/k8s-audit/audit-client.key',
    ]);
  });
});
