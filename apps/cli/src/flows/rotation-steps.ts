import { join } from 'node:path';
import { type AuthorityStep, authorityReload, type CertificateSet, CLIENT_FILES_POLL_MINUTES, phaseOf } from '@k8s-audit/certs';
import { certificateFolder } from './certificate-folder.ts';
import type { FileChange } from './certificate-set-files.ts';

export interface RotationResult {
  readonly folder: string;
  readonly before: CertificateSet;
  readonly after: CertificateSet;
  readonly changes: readonly FileChange[];
  readonly kubernetesVersion?: string;
}

/** apps/receiver/src/watched-files.ts: looked at once a second, read when they lie still. */
const RECEIVER_STEP = 'The receiver takes its new files by itself within seconds; certs status --dial ADDRESS says whether it has.';

/** What a person has to do after a rotation so that nobody is cut off, in order. */
export function rotationSteps({ folder, before, after, changes, kubernetesVersion }: RotationResult): readonly string[] {
  const changed = new Set(changes.map(({ path }) => path));
  const { receiver, cluster } = certificateFolder(folder);
  const isReceivers = [receiver.authority, receiver.certificate].some((path) => changed.has(path));
  const clusters = [...after.clusters.keys()];
  const withNewTrust = clusters.filter((name) => changed.has(cluster(name).authority));
  const withNewCertificate = clusters.filter((name) => changed.has(cluster(name).certificate));
  return [
    ...(isReceivers ? [RECEIVER_STEP] : []),
    ...(withNewTrust.length > 0 ? [trustStep(folder, withNewTrust, kubernetesVersion)] : []),
    ...(withNewCertificate.length > 0 ? [certificateStep(folder, withNewCertificate)] : []),
    ...nextCommand(before, after),
  ];
}

/** What must have reached everybody before a step; undefined: nothing. */
export function distributionBefore(set: CertificateSet, step: AuthorityStep, kubernetesVersion: string | undefined): string | undefined {
  const names = [...set.clusters.keys()];
  if (names.length === 0) return undefined;
  if (step === 'switch')
    return `every control-plane node of ${names.join(', ')} must have its new audit-ca.cert, and ${takenAs(kubernetesVersion)}.`;
  if (step === 'finish')
    return `every control-plane node of ${names.join(', ')} must have had its new audit-client.cert and .key for ${CLIENT_FILES_POLL_MINUTES} minutes.`;
  return undefined;
}

function trustStep(folder: string, names: readonly string[], version: string | undefined): string {
  return `Copy ${filesOf(folder, names, 'audit-ca.cert')} to the control-plane nodes of that cluster; ${takenAs(version)}.`;
}

function certificateStep(folder: string, names: readonly string[]): string {
  const files = filesOf(folder, names, 'audit-client.{cert,key}');
  return `Copy ${files} to the control-plane nodes of that cluster: API servers take them within ${CLIENT_FILES_POLL_MINUTES} minutes, without a restart.`;
}

function takenAs(version: string | undefined): string {
  const poll = `within ${CLIENT_FILES_POLL_MINUTES} minutes by itself`;
  switch (authorityReload(version)) {
    case 'by itself':
      return `an API server of ${version} takes it ${poll}`;
    case 'restart':
      return `an API server of ${version} reads it at its start only: restart each, one after the other`;
    case 'depends on the version':
      return `an API server before Kubernetes 1.36 reads it at its start only (restart each, one after the other), a later one takes it ${poll}`;
  }
}

function nextCommand(before: CertificateSet, after: CertificateSet): readonly string[] {
  const [from, to] = [phaseOf(before), phaseOf(after)];
  const command = 'k8s-audit certs rotate --authority';
  if (to === 'overlap') return [`Then: ${command} switch --distributed`];
  if (to === 'switched') return [`Then: ${command} finish --distributed`];
  return from === 'switched' ? ['The change is complete; the key of the old authority is gone.'] : [];
}

function filesOf(folder: string, names: readonly string[], file: string): string {
  return names.map((name) => join(certificateFolder(folder).cluster(name).folder, file)).join(', ');
}
