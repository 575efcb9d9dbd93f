import { expect, it } from 'vitest';
import { parseManifest } from './pod-manifest.ts';

const POD = `apiVersion: v1
kind: Pod
metadata: { name: kube-apiserver, namespace: kube-system }
spec:
  hostNetwork: true
  containers:
  - name: kube-apiserver
    command: [kube-apiserver, --audit-policy-file=/etc/kubernetes/audit/policy.yaml]
    volumeMounts:
    - { name: certs, mountPath: /etc/kubernetes/pki/, readOnly: true }
    - { name: etc, mountPath: /etc }
  volumes:
  - { name: certs, hostPath: { path: /srv/pki, type: DirectoryOrCreate } }
  - { name: etc, hostPath: { path: /srv/etc } }
`;
const reasonOf = (text: string): string | undefined => {
  const parsed = parseManifest(text, '/m/a.yaml', 'n');
  return parsed.kind === 'refused' ? parsed.reason : undefined;
};
const uidOf = (text: string, file = '/m/a.yaml', node = 'n'): string | undefined => {
  const parsed = parseManifest(text, file, node);
  return parsed.kind === 'pod' ? parsed.pod.uid : undefined;
};

it('reads what a container is made of, a folder before what lies in it', () => {
  expect(parseManifest(POD, '/m/a.yaml', 'Node-1')).toMatchObject({
    kind: 'pod',
    pod: {
      name: 'kube-apiserver-node-1',
      graceMs: 30_000,
      container: {
        mounts: [
          { hostPath: '/srv/etc', mountPath: '/etc', readOnly: false, type: '' },
          { hostPath: '/srv/pki', mountPath: '/etc/kubernetes/pki/', readOnly: true, type: 'DirectoryOrCreate' },
        ],
      },
    },
  });
});

it('is another pod with another meaning, place or node, and the same one with another comment', () => {
  const uid = uidOf(POD);

  expect(uid).toMatch(/^[0-9a-f]{32}$/);
  expect(uidOf(`# by hand\n${POD}`)).toBe(uid);
  expect(
    new Set([uid, uidOf(POD.replace('policy.yaml', 'other.yaml')), uidOf(POD, '/m/a.yaml.bak'), uidOf(POD, '/m/a.yaml', 'm')]).size,
  ).toBe(4);
});

it.each([
  ['', /couldn't parse as pod/],
  ['kind: ConfigMap', /couldn't parse as pod/],
  ['a: [', /couldn't parse as pod/],
  [POD.replace('name: kube-apiserver, ', ''), /^metadata.name: Required value/],
  [POD.replace('name: certs, mountPath', 'name: cert, mountPath'), /volumeMounts.name: Not found: "cert"/],
  [POD.replace('mountPath: /etc }', 'mountPath: /etc/kubernetes/pki/ }'), /"\/etc\/kubernetes\/pki\/": must be unique/],
  [POD.replace('- { name: etc, hostPath', '- { name: certs, hostPath'), /Duplicate value: "certs"/],
  [POD.replace('hostNetwork: true', 'hostNetwork: false'), /the stand-in runs no pod with a network of its own/],
  [POD.replace('hostPath: { path: /srv/etc }', 'emptyDir: {}'), /the stand-in runs no pod with a volume like etc/],
])('refuses %j', (text, reason) => {
  expect(reasonOf(text)).toMatch(reason);
});
