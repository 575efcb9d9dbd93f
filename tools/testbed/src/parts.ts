import { join } from 'node:path';
import type { Credentials } from './credentials.ts';

/** All that the command lines of one control plane share. Every port is on 127.0.0.1. */
export interface Layout {
  readonly folder: string;
  readonly credentials: Credentials;
  readonly etcdPort: number;
  readonly etcdPeerPort: number;
  readonly kubeletPort: number;
  readonly controllerManagerPort: number;
  readonly schedulerPort: number;
}

const LOOPBACK = '127.0.0.1';
const ISSUER = 'https://kubernetes.default.svc.cluster.local';

export function etcdArguments({ folder, credentials, etcdPort, etcdPeerPort }: Layout): readonly string[] {
  const client = `https://${LOOPBACK}:${etcdPort}`;
  const peer = `http://${LOOPBACK}:${etcdPeerPort}`;
  return [
    'etcd',
    '--name=testbed',
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=testbed=${peer}`,
    `--cert-file=${credentials.etcd.certificateFile}`,
    `--key-file=${credentials.etcd.keyFile}`,
    '--client-cert-auth',
    `--trusted-ca-file=${credentials.authorityFile}`,
    // Nobody needs this state after a power cut, and the disk is the slowest part of a start.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerArguments({ folder, credentials, etcdPort }: Layout, port: number, extra: readonly string[]): readonly string[] {
  return [
    'kube-apiserver',
    `--bind-address=${LOOPBACK}`,
    `--advertise-address=${LOOPBACK}`,
    `--secure-port=${port}`,
    // Two API servers share one address here: they would take turns in the endpoints of the service `kubernetes`.
    '--endpoint-reconciler-type=none',
    `--etcd-servers=https://${LOOPBACK}:${etcdPort}`,
    `--etcd-cafile=${credentials.authorityFile}`,
    `--etcd-certfile=${credentials.etcdClient.certificateFile}`,
    `--etcd-keyfile=${credentials.etcdClient.keyFile}`,
    `--tls-cert-file=${credentials.apiServer.certificateFile}`,
    `--tls-private-key-file=${credentials.apiServer.keyFile}`,
    `--cert-dir=${join(folder, 'unused')}`,
    `--client-ca-file=${credentials.authorityFile}`,
    `--kubelet-certificate-authority=${credentials.authorityFile}`,
    `--kubelet-client-certificate=${credentials.kubeletClient.certificateFile}`,
    `--kubelet-client-key=${credentials.kubeletClient.keyFile}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--service-account-issuer=${ISSUER}`,
    `--service-account-key-file=${credentials.serviceAccount.publicFile}`,
    `--service-account-signing-key-file=${credentials.serviceAccount.privateFile}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=Node,RBAC',
    '--allow-privileged',
    '--profiling=false',
    ...extra,
  ];
}

export function controllerManagerArguments({ folder, credentials, controllerManagerPort }: Layout, kubeconfig: string): readonly string[] {
  return [
    'kube-controller-manager',
    `--kubeconfig=${kubeconfig}`,
    `--bind-address=${LOOPBACK}`,
    `--secure-port=${controllerManagerPort}`,
    `--cert-dir=${join(folder, 'controller-manager-certificates')}`,
    '--leader-elect=false',
    `--root-ca-file=${credentials.authorityFile}`,
    `--service-account-private-key-file=${credentials.serviceAccount.privateFile}`,
    // One service account a controller, as kubeadm does: it is what an audit log shows of a real cluster.
    '--use-service-account-credentials',
  ];
}

export function schedulerArguments({ folder, schedulerPort }: Layout, kubeconfig: string): readonly string[] {
  return [
    'kube-scheduler',
    `--kubeconfig=${kubeconfig}`,
    `--bind-address=${LOOPBACK}`,
    `--secure-port=${schedulerPort}`,
    `--cert-dir=${join(folder, 'scheduler-certificates')}`,
    '--leader-elect=false',
  ];
}

export function kubeletArguments({ credentials, kubeletPort }: Layout): readonly string[] {
  return [
    'kubelet-stand-in',
    `--address=${LOOPBACK}:${kubeletPort}`,
    `--tls-cert-file=${credentials.kubelet.certificateFile}`,
    `--tls-private-key-file=${credentials.kubelet.keyFile}`,
    `--client-ca-file=${credentials.authorityFile}`,
  ];
}
