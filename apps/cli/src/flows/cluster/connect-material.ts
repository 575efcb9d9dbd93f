import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuditSetup,
  auditFlags,
  computeLoadFlags,
  estimateLoad,
  type Flag,
  type HostMount,
  type LoadEstimate,
  parseWebhookAddress,
  renderWebhookKubeconfig,
  type WebhookAddress,
} from '@k8s-audit/apiserver-config';
import { parseCertificates, parseClusterName } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { readHostText, type WantedFile } from '@k8s-audit/host-files';
import { certificateFolder } from '../certificate-folder.ts';
import { setupChecksum } from './setup-checksum.ts';

/** What is to be connected, and how. Paths are those of the node. */
export interface ConnectWish {
  readonly cluster: string;
  /** Tells the API servers of one cluster apart. */
  readonly apiServer?: string;
  /** HOST[:PORT] that API servers dial. */
  readonly receiver: string;
  readonly tlsServerName?: string;
  /** What `certs create` made: its folder, or the cluster's own within it. */
  readonly certificates: string;
  readonly policyText: string;
  readonly webhook: boolean;
  /** Absent: no log back end. */
  readonly logPath?: string;
  readonly eventsPerSecond: number;
  readonly overrides: readonly Flag[];
  /** Where the files go that the API server reads. */
  readonly folder: string;
  /** The webhook kubeconfig names its files relative to itself: then it may lie anywhere. */
  readonly relativePaths?: boolean;
}

/** The same, worked out: files for the node, and what its API server is told. */
export interface ConnectMaterial {
  readonly cluster: string;
  /** Its column in the receiver’s books. */
  readonly apiServer: string;
  readonly address: WebhookAddress;
  readonly tlsServerName?: string;
  readonly client: { readonly authorityPem: string; readonly certificatePem: string; readonly keyPem: string };
  readonly files: readonly (WantedFile & { readonly secret: boolean })[];
  readonly setup: AuditSetup;
  readonly estimate: LoadEstimate;
}

/** What minikube would not install as an authority of the node, unlike `.crt` and `.pem`. */
const NAMES = { authority: 'audit-ca.cert', certificate: 'audit-client.cert', key: 'audit-client.key' } as const;

/** How the receiver’s books call an API server that the path does not name. */
const UNNAMED = '-';

/** Certificates, policy, address and rate -> files and flags. Reads the certificates, writes nothing. @throws what the parts throw */
export async function gatherMaterial(wish: ConnectWish): Promise<ConnectMaterial> {
  const cluster = parseClusterName(wish.cluster);
  const apiServer = wish.apiServer === undefined ? undefined : parseClusterName(wish.apiServer);
  const at = (name: string): string => join(wish.folder, name);
  const named = (name: string): string => (wish.relativePaths ? name : at(name));
  const client = await readClient(wish.certificates, cluster);
  const address = parseWebhookAddress(wish.receiver);
  const kubeconfig = renderWebhookKubeconfig({
    address,
    cluster,
    ...(apiServer === undefined ? {} : { apiServer }),
    ...(wish.tlsServerName === undefined ? {} : { tlsServerName: wish.tlsServerName }),
    authorityPath: named(NAMES.authority),
    certificatePath: named(NAMES.certificate),
    keyPath: named(NAMES.key),
  });
  const policyPath = at('policy.yaml');
  const webhookPath = at('webhook.yaml');
  const load = computeLoadFlags(wish.eventsPerSecond);
  const webhookFiles = [
    { path: webhookPath, content: kubeconfig, mode: 0o600, secret: false },
    { path: at(NAMES.authority), content: client.authorityPem, mode: 0o644, secret: false },
    { path: at(NAMES.certificate), content: client.certificatePem, mode: 0o644, secret: false },
    { path: at(NAMES.key), content: client.keyPem, mode: 0o600, secret: true },
  ];
  return {
    cluster,
    apiServer: apiServer ?? UNNAMED,
    address,
    ...(wish.tlsServerName === undefined ? {} : { tlsServerName: wish.tlsServerName }),
    client,
    files: [{ path: policyPath, content: wish.policyText, mode: 0o644, secret: false }, ...(wish.webhook ? webhookFiles : [])],
    setup: {
      flags: auditFlags({
        policyPath,
        ...(wish.webhook ? { webhookPath } : {}),
        ...(wish.logPath === undefined ? {} : { logPath: wish.logPath }),
        load,
        overrides: wish.overrides,
      }),
      mounts: mountsOf(wish),
      // What an API server reads at its start only. Its client certificate it reads again by itself.
      checksum: setupChecksum({ policy: wish.policyText, ...(wish.webhook ? { webhook: [kubeconfig, client.authorityPem] } : {}) }),
    },
    estimate: estimateLoad(load, wish.eventsPerSecond),
  };
}

/** The three files that `certs create` makes for a cluster. @throws Failure FILE_MISSING, CERT_UNREADABLE */
export async function readClient(folder: string, cluster: string): Promise<ConnectMaterial['client']> {
  const inSet = certificateFolder(folder).cluster(cluster);
  const from = existsSync(inSet.certificate)
    ? inSet
    : { authority: join(folder, NAMES.authority), certificate: join(folder, NAMES.certificate), key: join(folder, NAMES.key) };
  if (!existsSync(from.certificate))
    throw new Failure('FILE_MISSING', `There is no client certificate of ${cluster} in ${folder}.`, {
      hint: `Make one with: k8s-audit certs create --dir DIR --cluster ${cluster}; then give DIR, or copy DIR/clusters/${cluster} here and give that.`,
    });
  const client = {
    authorityPem: await readHostText(from.authority),
    certificatePem: await readHostText(from.certificate),
    keyPem: await readHostText(from.key),
  };
  for (const pem of [client.authorityPem, client.certificatePem]) parseCertificates(pem);
  return client;
}

function mountsOf({ folder, logPath }: ConnectWish): readonly HostMount[] {
  const material: HostMount = { name: 'k8s-audit', hostPath: folder, mountPath: folder, readOnly: true, type: 'Directory' };
  if (logPath === undefined || logPath === '-') return [material];
  const logs = logPath.slice(0, logPath.lastIndexOf('/'));
  return [material, { name: 'k8s-audit-log', hostPath: logs, mountPath: logs, readOnly: false, type: 'DirectoryOrCreate' }];
}
