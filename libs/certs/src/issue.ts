import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { Failure } from '@k8s-audit/failure';
import type { AlternativeName, CertificateContent, KeyUsage, Validity } from './certificate-content.ts';
import { clusterUri } from './cluster-identity.ts';
import { parseClusterName } from './cluster-name.ts';
import { GUIDE_KEY_USAGES, guideAuthoritySubject, guideServerSubject } from './guide.ts';
import { parseHostName } from './host-name.ts';
import { generateKeyPair, type KeyAlgorithm } from './key-pair.ts';
import { AUTHORITY_DAYS, LEAF_DAYS, validityFrom } from './validity.ts';

/** A certificate and its key, both PEM. The key is PKCS#8 without a passphrase: write it with mode 0600. */
export interface KeyAndCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface IssueOptions {
  readonly nowMs: number;
  /** Default ecdsa-p256. */
  readonly algorithm?: KeyAlgorithm;
  /** The guide's subject and key usage (csr.conf), and RSA 2048 whatever `algorithm` says. */
  readonly guideCompatible?: boolean;
  /** Default AUTHORITY_DAYS and LEAF_DAYS; a leaf never outlives its authority. */
  readonly days?: number;
}

/** A new authority, self-signed. It may sign leaves only (path length 0). */
export async function createAuthority(options: IssueOptions): Promise<KeyAndCertificate> {
  const day = new Date(options.nowMs).toISOString().slice(0, 10);
  return issue(options, undefined, {
    // The day tells two authorities apart while one replaces the other.
    subject: options.guideCompatible
      ? guideAuthoritySubject()
      : [
          { type: 'O', value: 'k8s-audit' },
          { type: 'CN', value: `k8s-audit CA ${day}` },
        ],
    names: [],
    isAuthority: true,
    keyUsages: ['keyCertSign', 'cRLSign'],
    purposes: [],
    validity: validityFrom(options.nowMs, options.days ?? AUTHORITY_DAYS),
  });
}

/**
 * The receiver's certificate.
 *
 * @param hosts names and addresses that API servers dial; Go's client compares nothing else (a common name alone is refused)
 * @throws Failure HOST_INVALID, CERT_AUTHORITY_UNUSABLE
 */
export async function issueServerCertificate(
  authority: KeyAndCertificate,
  hosts: readonly string[],
  options: IssueOptions,
): Promise<KeyAndCertificate> {
  const names = distinct(hosts.map(parseHostName));
  const [first] = names;
  if (first === undefined)
    throw new Failure('HOST_INVALID', 'A server certificate needs a name or an address.', {
      hint: 'Name what API servers will dial, e.g. 10.0.0.7.',
    });
  const guide = options.guideCompatible === true;
  return issue(options, authority, {
    subject: guide
      ? guideServerSubject(first.value)
      : [
          { type: 'O', value: 'k8s-audit' },
          { type: 'CN', value: 'k8s-audit receiver' },
        ],
    names,
    isAuthority: false,
    keyUsages: leafKeyUsages(options),
    purposes: guide ? [] : ['serverAuth'],
    validity: leafValidity(authority, options),
  });
}

/**
 * What one cluster's API servers show to the receiver. The URI is the identity (`identityOf` reads it back); the subject is for people.
 *
 * @throws Failure CLUSTER_NAME_INVALID, CERT_AUTHORITY_UNUSABLE
 */
export async function issueClusterCertificate(
  authority: KeyAndCertificate,
  cluster: string,
  options: IssueOptions,
): Promise<KeyAndCertificate> {
  const name = parseClusterName(cluster);
  return issue(options, authority, {
    subject: [
      { type: 'O', value: 'k8s-audit cluster' },
      { type: 'CN', value: name },
    ],
    names: [{ kind: 'uri', value: clusterUri(name) }],
    isAuthority: false,
    keyUsages: leafKeyUsages(options),
    purposes: ['clientAuth'],
    validity: leafValidity(authority, options),
  });
}

async function issue(
  options: IssueOptions,
  authority: KeyAndCertificate | undefined,
  content: Omit<CertificateContent, 'serial'>,
): Promise<KeyAndCertificate> {
  const keyPair = await generateKeyPair(algorithmOf(options));
  const issuerPrivateKeyPem = authority?.privateKeyPem ?? keyPair.privateKeyPem;
  const bothRsa = keyPair.algorithm === 'rsa-2048' && createPrivateKey(issuerPrivateKeyPem).asymmetricKeyType === 'rsa';
  // Both libraries are heavy, and most commands never sign anything.
  const sign = bothRsa ? (await import('./sign-rsa.ts')).signRsa : (await import('./sign-ecdsa.ts')).signEcdsa;
  const certificatePem = await sign({
    content: { ...content, serial: randomSerial() },
    publicKeyPem: keyPair.publicKeyPem,
    issuerPrivateKeyPem,
    ...(authority === undefined ? {} : { issuerCertificatePem: authority.certificatePem }),
  });
  return { certificatePem, privateKeyPem: keyPair.privateKeyPem };
}

function algorithmOf({ algorithm, guideCompatible }: IssueOptions): KeyAlgorithm {
  return guideCompatible ? 'rsa-2048' : (algorithm ?? 'ecdsa-p256');
}

/** RSA may encrypt a TLS 1.2 session key, an elliptic curve only signs. */
function leafKeyUsages(options: IssueOptions): readonly KeyUsage[] {
  if (options.guideCompatible) return GUIDE_KEY_USAGES;
  return algorithmOf(options) === 'rsa-2048' ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'];
}

/** @throws Failure CERT_AUTHORITY_UNUSABLE when the authority has ended, is none, or its key is another's */
function leafValidity(authority: KeyAndCertificate, { nowMs, days }: IssueOptions): Validity {
  const certificate = new X509Certificate(authority.certificatePem);
  const problem = authorityProblem(certificate, authority.privateKeyPem, nowMs);
  if (problem !== undefined)
    throw new Failure('CERT_AUTHORITY_UNUSABLE', `The authority cannot sign: ${problem}.`, {
      hint: 'Make a new authority in a new folder, and connect the clusters with it.',
    });
  return validityFrom(nowMs, days ?? LEAF_DAYS, {
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
  });
}

function authorityProblem(certificate: X509Certificate, privateKeyPem: string, nowMs: number): string | undefined {
  if (!certificate.ca) return 'its certificate is not an authority’s';
  if (!certificate.checkPrivateKey(createPrivateKey(privateKeyPem))) return 'its key does not belong to its certificate';
  return certificate.validToDate.getTime() <= nowMs ? `it ended on ${certificate.validToDate.toISOString()}` : undefined;
}

/** 16 random bytes with the first between 01 and 7f: positive, never shortened, far beyond guessing or repeating. */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString('hex');
}

function distinct(names: readonly AlternativeName[]): readonly AlternativeName[] {
  return [...new Map(names.map((name) => [`${name.kind} ${name.value}`, name])).values()];
}
