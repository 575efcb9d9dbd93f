import { parseHostName } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { stringify } from 'yaml';
import { renderWebhookUrl, type WebhookAddress } from './webhook-address.ts';

export interface WebhookKubeconfig {
  readonly address: WebhookAddress;
  readonly cluster: string;
  /** Tells the API servers of one cluster apart: the node's name. */
  readonly apiServer?: string;
  /**
   * Paths as the API server sees them (inside its container), absolute or relative to the kubeconfig. Files and never `*-data`:
   * an API server re-reads client certificate files every five minutes, and its CA file from Kubernetes 1.36; embedded data never.
   */
  readonly authorityPath: string;
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Shown instead of the certificate, where there can be none: a file with what `k8s-audit tokens create` prints, read again each minute. */
  readonly tokenPath?: string;
  /** The name that the server certificate is checked for, where the dialled address is not in it (a NAT, a load balancer). */
  readonly tlsServerName?: string;
}

/**
 * The file of `--audit-webhook-config-file`: TLS 1.2 or newer against one pinned authority, with a client certificate.
 * There is no way to leave the verification out: with `insecure-skip-tls-verify` (the guide) anybody on the way reads the audit trail.
 *
 * @throws Failure WEBHOOK_PATH_INVALID, CLUSTER_NAME_INVALID, HOST_INVALID
 */
export function renderWebhookKubeconfig(config: WebhookKubeconfig): string {
  const server = renderWebhookUrl(config.address, config.cluster, config.apiServer);
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'k8s-audit',
        cluster: {
          server,
          'certificate-authority': checkedPath(config.authorityPath),
          ...(config.tlsServerName === undefined ? {} : { 'tls-server-name': parseHostName(config.tlsServerName).value }),
        },
      },
    ],
    users: [
      {
        name: 'kube-apiserver',
        user: userOf(config),
      },
    ],
    contexts: [{ name: 'k8s-audit', context: { cluster: 'k8s-audit', user: 'kube-apiserver' } }],
    // An API server does not start without it.
    'current-context': 'k8s-audit',
  };
  return `${HEADER}${stringify(document, GO_YAML)}`;
}

function userOf({ tokenPath, certificatePath, keyPath }: WebhookKubeconfig): Readonly<Record<string, string>> {
  return tokenPath === undefined
    ? { 'client-certificate': checkedPath(certificatePath), 'client-key': checkedPath(keyPath) }
    : { tokenFile: checkedPath(tokenPath) };
}

/** Go reads YAML 1.1, in which a bare `yes` or `on` is a boolean: such text must be quoted. */
const GO_YAML = { version: '1.1', lineWidth: 0 } as const;

const HEADER = `# Where this API server sends its audit events: the file of --audit-webhook-config-file. It is read once, at start.
# The client certificate's files are read again every five minutes; the CA file only at start before Kubernetes 1.36.
`;

function checkedPath(path: string): string {
  const hasControl = [...path].some((character) => character < ' ' || character === '\x7f');
  if (path !== '' && !hasControl && !path.endsWith('/')) return path;
  throw new Failure('WEBHOOK_PATH_INVALID', `"${path}" is no path of a file.`, {
    hint: 'Give the path of a file as the API server sees it, e.g. /etc/kubernetes/audit/audit-ca.cert.',
  });
}
