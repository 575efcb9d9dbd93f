import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import {
  type AuditSetup,
  minikubeArguments,
  type NodeFile,
  type Patch,
  patchK3sConfig,
  patchKindCluster,
  patchKubeadmConfiguration,
  patchRke2Config,
  patchStaticPod,
  renderK0sFragment,
  renderKopsFragment,
  renderMicrok8sArguments,
  renderTalosPatch,
} from '@k8s-audit/apiserver-config';
import { parse } from 'yaml';
import { FOLDERS } from './bundle-folders.ts';
import { bundleReadme } from './bundle-readme.ts';
import { type ConnectMaterial, type ConnectWish, gatherMaterial } from './connect-material.ts';

/** A file of the bundle, by its path in it. */
export interface BundleFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

export type Secrets = { readonly kind: 'encrypted'; readonly passphrase: string } | { readonly kind: 'plain' };

/**
 * Everything that a node without this tool needs: what the API server reads, and for each distribution the patch that the tool would have
 * made. The client key is encrypted unless that is declined: the folder will be mailed and copied.
 */
export async function bundleCluster(
  wish: Omit<ConnectWish, 'folder' | 'apiServer'> & { readonly apiServer?: string },
  secrets: Secrets,
): Promise<readonly BundleFile[]> {
  const inFolder = (folder: string): Promise<ConnectMaterial> => gatherMaterial({ ...wish, folder, relativePaths: true });
  const { files, client, cluster } = await inFolder(FOLDERS['static-pod']);
  const material = files.map(({ path, content, mode, secret }) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const isEncrypted = secret && secrets.kind === 'encrypted';
    return {
      path: `audit/${name}${isEncrypted ? '.enc' : ''}`,
      content: isEncrypted ? encryptedKey(client.keyPem, secrets.passphrase) : String(content),
      mode: mode ?? 0o644,
    };
  });
  const setupIn = async (folder: string): Promise<AuditSetup> => (await inFolder(folder)).setup;
  const readable = (folder: string): readonly NodeFile[] =>
    files.map(({ path, content, secret }) => ({
      path: join(folder, path.slice(path.lastIndexOf('/') + 1)),
      content: secret && secrets.kind === 'encrypted' ? '(the text of audit-client.key, decrypted as the README says)\n' : String(content),
      secret,
    }));
  const setup = await setupIn(FOLDERS['static-pod']);
  const hasSecret = secrets.kind === 'plain';
  const patches: readonly BundleFile[] = [
    text('static-pod.yaml', patched(patchStaticPod(STATIC_POD, setup))),
    text('kubeadm-v1beta3.yaml', patched(patchKubeadmConfiguration(kubeadm('v1beta3'), setup))),
    text('kubeadm-v1beta4.yaml', patched(patchKubeadmConfiguration(kubeadm('v1beta4'), setup))),
    text('kind.yaml', patched(patchKindCluster(KIND, setup, './audit'))),
    text('minikube-arguments.txt', `${minikubeArguments(await setupIn(FOLDERS.minikube)).join('\n')}\n`),
    text('k3s-config.yaml', patched(patchK3sConfig('', await setupIn(FOLDERS.k3s)))),
    text('rke2-config.yaml', patched(patchRke2Config('', await setupIn(FOLDERS.rke2)))),
    text('talos-patch.yaml', renderTalosPatch(setup, parse(wish.policyText), readable('/etc/kubernetes/audit')), hasSecret),
    text('k0s.yaml', renderK0sFragment(await setupIn(FOLDERS.k0s))),
    text('kops.yaml', renderKopsFragment(setup, readable('/etc/kubernetes/audit')), hasSecret),
    text('microk8s-arguments.txt', renderMicrok8sArguments(await setupIn(FOLDERS.microk8s))),
  ];
  return [
    ...material,
    ...patches,
    { path: 'README.md', content: bundleReadme({ cluster, folders: FOLDERS, isEncrypted: !hasSecret }), mode: 0o644 },
  ];
}

/** PKCS#8, as `openssl pkey` reads it. */
function encryptedKey(pem: string, passphrase: string): string {
  return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}

function text(name: string, content: string, isSecret = false): BundleFile {
  return { path: `patches/${name}`, content, mode: isSecret ? 0o600 : 0o644 };
}

/** An empty configuration has nobody else's settings in it. */
function patched(patch: Patch): string {
  if (patch.kind === 'conflicts') throw new Error(`a patch of nothing met ${JSON.stringify(patch.conflicts)}`);
  return patch.text;
}

const STATIC_POD = `# What belongs into /etc/kubernetes/manifests/kube-apiserver.yaml, beside what is there.
apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver
spec:
  containers:
  - command:
    - kube-apiserver
    name: kube-apiserver
`;

const KIND = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';

function kubeadm(version: string): string {
  return `apiVersion: kubeadm.k8s.io/${version}\nkind: ClusterConfiguration\n`;
}
