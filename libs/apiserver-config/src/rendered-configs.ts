import { stringify } from 'yaml';
import type { AuditSetup } from './audit-setup.ts';
import type { Flag } from './flag.ts';

/** A file that the API server reads: its path as the API server sees it. */
export interface NodeFile {
  readonly path: string;
  readonly content: string;
  readonly secret: boolean;
}

/** Go reads YAML 1.1. */
const YAML = { version: '1.1', lineWidth: 0 } as const;

/**
 * The arguments of `minikube start`, one each. They are kept in minikube's profile: a later start needs them no more.
 * The files go to `~/.minikube/files` + their path; minikube copies them into the node before Kubernetes starts.
 */
export function minikubeArguments({ flags }: AuditSetup): readonly string[] {
  return flags.map(({ name, value }) => `--extra-config=apiserver.${name}=${value}`);
}

/**
 * A patch for `talosctl patch machineconfig`. The policy is Talos' own setting, and becomes its file; `machine.files` may only write below /var.
 *
 * @param policy as data
 */
export function renderTalosPatch(setup: AuditSetup, policy: unknown, files: readonly NodeFile[]): string {
  const folder = setup.mounts[0]?.hostPath ?? '';
  const hostFolder = '/var/k8s-audit';
  return stringify(
    {
      machine: {
        files: files.map(({ path, content }) => ({
          path: path.replace(folder, hostFolder),
          // The API server of Talos is no root: what it must read, it must be let read.
          permissions: 0o644,
          op: 'create',
          content,
        })),
      },
      cluster: {
        apiServer: {
          auditPolicy: policy,
          extraArgs: asMap(setup.flags.filter(({ name }) => name !== 'audit-policy-file' && !name.startsWith('audit-log-'))),
          extraVolumes: [{ hostPath: hostFolder, mountPath: folder, readonly: true }],
        },
      },
    },
    YAML,
  ).replaceAll('permissions: 420', 'permissions: 0o644');
}

/** What goes into `/etc/k0s/k0s.yaml`. The API server runs on the host, as the user kube-apiserver: the files must be readable by it. */
export function renderK0sFragment({ flags }: AuditSetup): string {
  return stringify({ apiVersion: 'k0s.k0sproject.io/v1beta1', kind: 'ClusterConfig', spec: { api: { extraArgs: asMap(flags) } } }, YAML);
}

/** What `kops edit cluster` gets. kOps writes the files itself, and knows each flag by a name of its own. */
export function renderKopsFragment({ flags }: AuditSetup, files: readonly NodeFile[]): string {
  return stringify(
    {
      spec: {
        kubeAPIServer: Object.fromEntries(flags.map(({ name, value }) => [kopsName(name), kopsValue(name, value)])),
        fileAssets: files.map(({ path, content }) => ({
          name: path.slice(path.lastIndexOf('/') + 1).replace(/\W+/g, '-'),
          path,
          roles: ['ControlPlane'],
          mode: '0600',
          content,
        })),
      },
    },
    YAML,
  );
}

/** Lines for `/var/snap/microk8s/current/args/kube-apiserver`. */
export function renderMicrok8sArguments({ flags }: AuditSetup): string {
  return flags.map(({ name, value }) => `--${name}=${value}\n`).join('');
}

/** `audit-webhook-batch-max-wait` is `auditWebhookBatchMaxWait` (kops docs/cluster_spec.md). */
function kopsName(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function kopsValue(name: string, value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  return /-(size|qps|burst|maxage|maxbackup|maxsize)$/.test(name) ? Number(value) : value;
}

function asMap(flags: readonly Flag[]): Readonly<Record<string, string>> {
  return Object.fromEntries(flags.map(({ name, value }) => [name, value]));
}
