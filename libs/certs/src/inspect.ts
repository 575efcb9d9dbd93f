import type { X509Certificate } from 'node:crypto';
import { type CertificateProblem, type CertificateRole, type InspectOptions, problemsOf } from './certificate-problems.ts';
import { identityOf } from './cluster-identity.ts';
import { describeKey } from './key-pair.ts';
import { PURPOSE_OIDS } from './object-identifiers.ts';
import { alternativeNamesOf, type CertificateName } from './subject-alternative-names.ts';
import { daysLeft } from './validity.ts';

export interface CertificateReport {
  readonly role: CertificateRole;
  /** Of a cluster's certificate. */
  readonly cluster?: string;
  /** One line, `C=US, O=Wazuh, CN=10.0.0.7`. */
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly CertificateName[];
  /** `EC P-256`, `RSA 2048`. */
  readonly key: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
  /** SHA-256 of the DER, `AB:CD:…`. */
  readonly fingerprint: string;
  /** RFC 3339, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Negative once it has ended. */
  readonly daysLeft: number;
  /** Empty: nothing is wrong with it at this moment. */
  readonly problems: readonly CertificateProblem[];
}

export function inspectCertificate(certificate: X509Certificate, options: InspectOptions): CertificateReport {
  const identity = identityOf(certificate);
  const role = roleOf(certificate, identity.kind === 'cluster');
  return {
    role,
    ...(identity.kind === 'cluster' && role === 'cluster' ? { cluster: identity.cluster } : {}),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: alternativeNamesOf(certificate.subjectAltName),
    key: describeKey(certificate.publicKey),
    serial: certificate.serialNumber.toLowerCase(),
    fingerprint: certificate.fingerprint256,
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
    daysLeft: daysLeft(certificate.validToDate.getTime(), options.nowMs),
    problems: problemsOf(certificate, role, options),
  };
}

function roleOf(certificate: X509Certificate, hasIdentity: boolean): CertificateRole {
  if (certificate.ca) return 'authority';
  if (hasIdentity) return 'cluster';
  // Node calls the extended key usages `keyUsage`; absent, every purpose is allowed (the guide's server certificate).
  const purposes: readonly string[] | undefined = certificate.keyUsage;
  return purposes === undefined || purposes.includes(PURPOSE_OIDS.serverAuth) ? 'server' : 'other';
}

function oneLine(distinguishedName: string | undefined): string {
  return (distinguishedName ?? '').split('\n').join(', ');
}
