import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, generateKeyPair } from './certificates.ts';

/** Somebody who may talk to the API servers: the user name and groups that Kubernetes reads from the client certificate. */
export interface TestUser {
  readonly username: string;
  readonly groups: readonly string[];
}

export interface FilePair {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Files of one control plane, all in one folder, keys with mode 0600. */
export interface Credentials {
  readonly authorityFile: string;
  readonly etcd: FilePair;
  readonly apiServer: FilePair;
  readonly kubelet: FilePair;
  /** The API server as a client of etcd and of kubelets. */
  readonly etcdClient: FilePair;
  readonly kubeletClient: FilePair;
  readonly controllerManager: FilePair;
  readonly scheduler: FilePair;
  readonly serviceAccount: { readonly privateFile: string; readonly publicFile: string };
  readonly users: Readonly<Record<string, FilePair>>;
}

const LOOPBACK = ['127.0.0.1', 'localhost'];
/** What pods would call the API server by. */
const SERVICE_HOSTS = ['10.96.0.1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];

export async function createCredentials(folder: string, users: Readonly<Record<string, TestUser>>): Promise<Credentials> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await createAuthority('testbed');
  const authorityFile = write('ca.crt', authority.certificate);

  async function issue(name: string, subject: Parameters<typeof authority.issue>[0]): Promise<FilePair> {
    const pair = await authority.issue(subject);
    return { certificateFile: write(`${name}.crt`, pair.certificate), keyFile: write(`${name}.key`, pair.key) };
  }
  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, `${text}\n`, { mode: 0o600, flag: 'wx' });
    return path;
  }

  const tokenKeys = await generateKeyPair();
  const userFiles: Record<string, FilePair> = {};
  for (const [name, { username, groups }] of Object.entries(users))
    userFiles[name] = await issue(`user-${name}`, { commonName: username, organisations: groups });
  return {
    authorityFile,
    etcd: await issue('etcd', { commonName: 'etcd', hosts: LOOPBACK }),
    apiServer: await issue('kube-apiserver', { commonName: 'kube-apiserver', hosts: [...LOOPBACK, ...SERVICE_HOSTS] }),
    kubelet: await issue('kubelet', { commonName: 'system:node:stand-in', organisations: ['system:nodes'], hosts: LOOPBACK }),
    etcdClient: await issue('etcd-client', { commonName: 'kube-apiserver-etcd-client' }),
    kubeletClient: await issue('kubelet-client', { commonName: 'kube-apiserver-kubelet-client' }),
    controllerManager: await issue('kube-controller-manager', { commonName: 'system:kube-controller-manager' }),
    scheduler: await issue('kube-scheduler', { commonName: 'system:kube-scheduler' }),
    serviceAccount: {
      privateFile: write('service-account.key', tokenKeys.privateKey),
      publicFile: write('service-account.pub', tokenKeys.publicKey),
    },
    users: userFiles,
  };
}
