import type { Revocations } from './revocations.ts';

/** Certificates of the audit way: an authority, the receiver's server certificate, one client certificate a cluster. PEM out, time in. */
export { type CertificateProblem, type CertificateRole, type InspectOptions, isIssuedBy, WARN_DAYS } from './certificate-problems.ts';
export { clusterUri, type Identity, identityOf } from './cluster-identity.ts';
export { parseClusterName } from './cluster-name.ts';
export { type AddressReach, type DialledHost, dialledHosts, type InterfaceAddress, isHostCovered } from './dialled-host.ts';
export { type HostName, parseHostName } from './host-name.ts';
export { type CertificateReport, inspectCertificate } from './inspect.ts';
export { createAuthority, type IssueOptions, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from './issue.ts';
export type { KeyAlgorithm } from './key-pair.ts';
export { parseCertificates, parsePrivateKey } from './pem.ts';
export type { Revocations } from './revocations.ts';
export { type AuthorityReload, authorityReload, CLIENT_FILES_POLL_MINUTES } from './rotation/api-server-reload.ts';
export { type AuthorityStep, changeAuthority } from './rotation/authority-change.ts';
export {
  type AuthorityPhase,
  type CertificateSet,
  certificateOf,
  type Leaf,
  phaseOf,
  signerOf,
  trustOf,
} from './rotation/certificate-set.ts';
export { type RenewOptions, renewLeaves } from './rotation/renew-leaves.ts';
export { alternativeNamesOf, type CertificateName } from './subject-alternative-names.ts';
export { AUTHORITY_DAYS, daysLeft, LEAF_DAYS } from './validity.ts';

/** The library that reads CRLs is heavy, and few have one. */
export async function parseRevocations(pem: string, authorityPem: string, nowMs: number): Promise<Revocations> {
  return (await import('./revocations.ts')).parseRevocations(pem, authorityPem, nowMs);
}
