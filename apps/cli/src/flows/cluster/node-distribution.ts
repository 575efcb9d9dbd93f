import { dirname, join } from 'node:path';
import {
  type AuditSetup,
  minikubeArguments,
  type Patch,
  type PatchOptions,
  patchK3sConfig,
  patchKindCluster,
  patchKubeadmConfigMap,
  patchKubeadmConfiguration,
  patchRke2Config,
  patchStaticPod,
  readStaticPod,
} from '@k8s-audit/apiserver-config';

/** A way in which an API server is configured by files of this machine. */
export interface NodeDistribution {
  readonly name: string;
  /** The file that is edited. Absent: it has to be named. */
  readonly configFile?: string;
  /** Where the API server sees the files that it reads. */
  readonly folder: string;
  /** Where the bytes from before are kept: a path of the node, or one beside the configuration file. */
  readonly backup: string;
  readonly patch: (text: string, setup: AuditSetup, options: PatchOptions & { readonly hostFolder: string }) => Patch;
  /** A missing file is this text. */
  readonly missing?: string;
  /** Something runs an API server from the file now: it is restarted and waited for. Absent: `next` says what a person does with the files. */
  readonly running?: {
    /** Where this very API server answers. */
    readonly apiServerUrl: (configText: string) => string;
    /** Absent: something watches the file, and restarts it by itself. */
    readonly restartCommand?: readonly string[];
  };
  /** Where the files lie on this machine, if that is not where the API server sees them. */
  /** The files that the API server reads lie there already; only its configuration is edited. */
  readonly configOnly?: boolean;
  readonly hostFolder?: (place: { readonly configFile: string; readonly root: string }) => string;
  readonly next?: (configFile: string, setup: AuditSetup) => readonly string[];
}

const DEFAULT_PORT = 6_443;
const NODE_BACKUP = '/etc/kubernetes/k8s-audit-backup';
const NODE_FOLDER = '/etc/kubernetes/audit';

export const STATIC_POD: NodeDistribution = {
  name: 'static-pod',
  configFile: '/etc/kubernetes/manifests/kube-apiserver.yaml',
  folder: NODE_FOLDER,
  backup: NODE_BACKUP,
  patch: patchStaticPod,
  running: {
    apiServerUrl: (text) => {
      const { container, flags } = readStaticPod(text);
      const flagValue = (name: string): string | undefined => flags.findLast((flag) => flag.name === name)?.value;
      const host = probeHost(container) ?? flagValue('advertise-address') ?? '127.0.0.1';
      return `https://${host.includes(':') ? `[${host}]` : host}:${flagValue('secure-port') ?? DEFAULT_PORT}`;
    },
  },
};

/** Beside the files themselves, where whoever runs it may write. */
const besideConfig = { backup: 'k8s-audit-backup', folder: NODE_FOLDER } as const;
const onThisNode = (): string => `https://127.0.0.1:${DEFAULT_PORT}`;

export const NODE_DISTRIBUTIONS: readonly NodeDistribution[] = [
  STATIC_POD,
  {
    name: 'k3s',
    configFile: '/etc/rancher/k3s/config.yaml',
    folder: '/etc/rancher/k3s/audit',
    backup: NODE_BACKUP,
    patch: patchK3sConfig,
    missing: '',
    running: { apiServerUrl: onThisNode, restartCommand: ['systemctl', 'restart', 'k3s'] },
  },
  {
    name: 'rke2',
    configFile: '/etc/rancher/rke2/config.yaml',
    folder: '/etc/rancher/rke2/audit',
    backup: NODE_BACKUP,
    patch: patchRke2Config,
    missing: '',
    running: { apiServerUrl: onThisNode, restartCommand: ['systemctl', 'restart', 'rke2-server'] },
  },
  {
    name: 'kubeadm',
    ...besideConfig,
    patch: patchKubeadmConfiguration,
    next: (configFile) => [`kubeadm init --config ${configFile}`],
  },
  {
    name: 'kubeadm-configmap',
    ...besideConfig,
    patch: patchKubeadmConfigMap,
    configOnly: true,
    next: (configFile) => [`kubectl replace -f ${configFile}`],
  },
  {
    name: 'kind',
    ...besideConfig,
    missing: 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n',
    hostFolder: ({ configFile }) => join(dirname(configFile), 'k8s-audit'),
    patch: (text, setup, { hostFolder }) => patchKindCluster(text, setup, hostFolder),
    next: (configFile) => [`kind create cluster --config ${configFile}`],
  },
  {
    name: 'minikube',
    configFile: '',
    folder: '/etc/ssl/certs/k8s-audit',
    backup: '.minikube/k8s-audit-backup',
    // It has no file for flags: they are arguments of its start.
    patch: (text) => ({ kind: 'patched', text, changes: [], remarks: [] }),
    // Copied into the node before Kubernetes starts, below its /.
    hostFolder: ({ root }) => join(root, '.minikube/files/etc/ssl/certs/k8s-audit'),
    next: (_, setup) => [`minikube start ${minikubeArguments(setup).join(' ')}`],
  },
];

/** The kubelet asks there whether it is ready: so do we. */
function probeHost(container: Readonly<Record<string, unknown>>): string | undefined {
  const probe = container['readinessProbe'] as { readonly httpGet?: { readonly host?: unknown } } | undefined;
  const host = probe?.httpGet?.host;
  return typeof host === 'string' && host !== '' ? host : undefined;
}
