import { alternativeNamesOf, type KeyAndCertificate, parseCertificates } from '@k8s-audit/certs';
import type { Owner } from '@k8s-audit/host-files';
import { certificateFolder } from './certificate-folder.ts';

/** A file that `certs create` is about to write. */
export interface CertificateFile {
  readonly path: string;
  readonly holds: 'authority' | 'authority key' | 'certificate' | 'key';
  readonly text: string;
  readonly mode: number;
  readonly owner?: Owner;
}

export interface CertificateFileSet {
  readonly folder: string;
  readonly folderMode: number;
  readonly owner?: Owner;
  readonly files: readonly CertificateFile[];
}

/** Nobody but the owner enters: whoever has this key can be every cluster and the receiver. */
export function authorityFiles(root: string, authority: KeyAndCertificate): CertificateFileSet {
  const at = certificateFolder(root).authority;
  return {
    folder: at.folder,
    folderMode: 0o700,
    files: [
      { path: at.certificate, holds: 'authority', text: authority.certificatePem, mode: 0o644 },
      { path: at.key, holds: 'authority key', text: authority.privateKeyPem, mode: 0o600 },
    ],
  };
}

/** All that the receiver reads, and nothing that it must not have. */
export function receiverFiles(root: string, trustPem: string, server: KeyAndCertificate, owner: Owner | undefined): CertificateFileSet {
  const owned = owner === undefined ? {} : { owner };
  return { folderMode: 0o750, ...owned, ...leafFiles(certificateFolder(root).receiver, trustPem, server, owned) };
}

/** What goes to the control-plane nodes of one cluster. */
export function clusterFiles(root: string, trustPem: string, cluster: string, client: KeyAndCertificate): CertificateFileSet {
  return { folderMode: 0o700, ...leafFiles(certificateFolder(root).cluster(cluster), trustPem, client, {}) };
}

/** The names and addresses in a server certificate: a renewal keeps them. */
export function hostsOf(certificatePem: string): readonly string[] {
  const [certificate] = parseCertificates(certificatePem);
  return alternativeNamesOf(certificate.subjectAltName)
    .filter(({ kind }) => kind === 'dns' || kind === 'ip')
    .map(({ value }) => value);
}

function leafFiles(
  at: { readonly folder: string; readonly authority: string; readonly certificate: string; readonly key: string },
  trustPem: string,
  leaf: KeyAndCertificate,
  owned: { readonly owner?: Owner },
): { readonly folder: string; readonly files: readonly CertificateFile[] } {
  return {
    folder: at.folder,
    files: [
      { path: at.authority, holds: 'authority', text: trustPem, mode: 0o644, ...owned },
      { path: at.certificate, holds: 'certificate', text: leaf.certificatePem, mode: 0o644, ...owned },
      { path: at.key, holds: 'key', text: leaf.privateKeyPem, mode: 0o600, ...owned },
    ],
  };
}
