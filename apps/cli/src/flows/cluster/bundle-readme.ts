import type { FOLDERS } from './bundle-folders.ts';

export interface BundleReadme {
  readonly cluster: string;
  readonly folders: typeof FOLDERS;
  readonly isEncrypted: boolean;
}

/** The page that comes with a bundle: what each file is, and the commands for each distribution. */
export function bundleReadme({ cluster, folders, isEncrypted }: BundleReadme): string {
  const decrypt = isEncrypted
    ? `The client key is encrypted; whoever made the bundle has the passphrase. On the node, or wherever the files are put together:

\`\`\`sh
openssl pkey -in audit/audit-client.key.enc -out audit/audit-client.key && chmod 600 audit/audit-client.key && rm audit/audit-client.key.enc
\`\`\`
`
    : 'The client key lies here in clear, as was asked for: whoever has it can post audit events as this cluster. Remove the bundle after use.\n';
  const copy = (folder: string): string => `mkdir -p ${folder} && cp audit/* ${folder}/ && chmod 600 ${folder}/audit-client.key`;
  return `# Connect the cluster ${cluster} without k8s-audit on its nodes

| folder | what |
|---|---|
| audit/ | what the API server reads: policy, webhook kubeconfig (its paths are relative to itself), the authority, the client certificate and its key |
| patches/ | for each distribution, what has to be told to its API server |

${decrypt}
The names end in \`.cert\` on purpose: minikube installs every \`.crt\` and \`.pem\` that it copies as an authority of the node.
Back up what you edit **outside** of /etc/kubernetes/manifests: the kubelet runs every file in that folder. One node after the other.

## Static pod (a kubeadm node)

\`\`\`sh
${copy(folders['static-pod'])}
cp /etc/kubernetes/manifests/kube-apiserver.yaml "$HOME/kube-apiserver.yaml.before"
\`\`\`

Write a copy of the manifest that also has the lines of patches/static-pod.yaml, in /root, and \`mv\` it into its place. The API server restarts.
Put the same into the configuration that upgrades use: patches/kubeadm-v1beta4.yaml (or v1beta3) shows the part, \`kubectl -n kube-system edit
configmap kubeadm-config\` is the place.

## minikube

\`\`\`sh
mkdir -p ~/.minikube/files${folders.minikube} && cp audit/* ~/.minikube/files${folders.minikube}/
minikube start $(cat patches/minikube-arguments.txt)
\`\`\`

## kind

\`\`\`sh
kind create cluster --config patches/kind.yaml     # in this folder: it mounts ./audit
\`\`\`

## k3s

\`\`\`sh
${copy(folders.k3s)}
cat patches/k3s-config.yaml >> /etc/rancher/k3s/config.yaml     # if it has no kube-apiserver-arg yet; else add the items to it
systemctl restart k3s
\`\`\`

## RKE2

\`\`\`sh
${copy(folders.rke2)}
cat patches/rke2-config.yaml >> /etc/rancher/rke2/config.yaml   # if it has none of these keys yet
systemctl restart rke2-server
\`\`\`

## Talos

\`\`\`sh
talosctl patch machineconfig --nodes NODE --patch @patches/talos-patch.yaml
\`\`\`

## k0s

\`\`\`sh
${copy(folders.k0s)} && chown -R kube-apiserver ${folders.k0s}
\`\`\`

Merge patches/k0s.yaml into /etc/k0s/k0s.yaml, then \`k0s stop && k0s start\`.

## kOps

\`kops edit cluster\`, merge patches/kops.yaml, then \`kops update cluster --yes && kops rolling-update cluster --yes\`.

## microk8s

\`\`\`sh
${copy(folders.microk8s)}
cat patches/microk8s-arguments.txt >> /var/snap/microk8s/current/args/kube-apiserver
snap restart microk8s.daemon-kubelite
\`\`\`

## When the API server does not come back

Put the file from before back in its place; the API server returns by itself. \`crictl ps -a\` and \`crictl logs\` of its container name the flag or
file; without any container, \`journalctl -u kubelet\` says why. An unknown level in a policy, a missing file and a missing mount all end like that.
`;
}
