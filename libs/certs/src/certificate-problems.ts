import type { KeyObject, X509Certificate } from 'node:crypto';
import { Failure } from '@k8s-audit/failure';
import { identityOf } from './cluster-identity.ts';
import { describeKey } from './key-pair.ts';
import { parsePrivateKey } from './pem.ts';
import { alternativeNamesOf } from './subject-alternative-names.ts';
import { daysLeft } from './validity.ts';

/** From here on `certs show` and the health events warn: a month is one maintenance window. */
export const WARN_DAYS = 30;

/** What a certificate is for, as its extensions say. */
export type CertificateRole = 'authority' | 'server' | 'cluster' | 'other';

export interface CertificateProblem {
  /** An error breaks the connection now, a warning will. */
  readonly severity: 'error' | 'warning';
  readonly code:
    | 'expired'
    | 'expires-soon'
    | 'not-yet-valid'
    | 'no-names'
    | 'weak-key'
    | 'odd-identity'
    | 'issuer-mismatch'
    | 'key-mismatch';
  readonly message: string;
}

export interface InspectOptions {
  readonly nowMs: number;
  /** Certificates that may have issued it; absent: not checked. */
  readonly authorities?: readonly X509Certificate[];
  /** The key that stands beside it; absent: not checked. */
  readonly privateKeyPem?: string;
}

export function problemsOf(certificate: X509Certificate, role: CertificateRole, options: InspectOptions): readonly CertificateProblem[] {
  const { nowMs, authorities, privateKeyPem } = options;
  const identity = identityOf(certificate);
  const left = daysLeft(certificate.validToDate.getTime(), nowMs);
  const problems: CertificateProblem[] = [];
  const add = (severity: CertificateProblem['severity'], code: CertificateProblem['code'], message: string): void => {
    problems.push({ severity, code, message });
  };
  if (certificate.validToDate.getTime() <= nowMs) add('error', 'expired', `ended on ${certificate.validToDate.toISOString().slice(0, 10)}`);
  else if (left < WARN_DAYS) add('warning', 'expires-soon', `ends in ${left} days`);
  if (certificate.validFromDate.getTime() > nowMs) add('error', 'not-yet-valid', `begins ${certificate.validFromDate.toISOString()}`);
  if (role === 'server' && !alternativeNamesOf(certificate.subjectAltName).some(({ kind }) => kind === 'dns' || kind === 'ip'))
    add('error', 'no-names', 'no subject alternative name: API servers refuse a common name alone');
  if (identity.kind === 'refused' && identity.reason !== 'no-cluster-uri')
    add('error', 'odd-identity', `the receiver refuses it: ${identity.reason}`);
  if (isWeak(certificate.publicKey)) add('error', 'weak-key', `${describeKey(certificate.publicKey)} is refused by current TLS libraries`);
  const keyProblem = privateKeyPem === undefined ? undefined : keyProblemOf(certificate, privateKeyPem);
  if (keyProblem !== undefined) add('error', 'key-mismatch', keyProblem);
  if (authorities !== undefined && !authorities.some((authority) => isIssuedBy(certificate, authority)))
    add('error', 'issuer-mismatch', 'no authority beside it has issued it');
  return problems;
}

/** Names, key identifiers and the signature: two authorities may well have the same name. */
export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function keyProblemOf(certificate: X509Certificate, privateKeyPem: string): string | undefined {
  try {
    return certificate.checkPrivateKey(parsePrivateKey(privateKeyPem)) ? undefined : 'the key beside it is another certificate’s';
  } catch (error) {
    if (error instanceof Failure) return 'the key beside it cannot be read';
    throw error;
  }
}

function isWeak(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2_048;
}
