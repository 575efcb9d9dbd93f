import type { X509Certificate } from 'node:crypto';
import { Failure } from '@k8s-audit/failure';
import { type IssueOptions, issueClusterCertificate, issueServerCertificate, type KeyAndCertificate } from '../issue.ts';
import type { KeyAlgorithm } from '../key-pair.ts';
import { parsePrivateKey } from '../pem.ts';
import { alternativeNamesOf } from '../subject-alternative-names.ts';
import { daysLeft } from '../validity.ts';
import { type CertificateSet, certificateOf, type Leaf, signerOf, trustOf } from './certificate-set.ts';

export interface RenewOptions {
  readonly nowMs: number;
  /** Of the new certificates; default LEAF_DAYS. */
  readonly days?: number;
  /** Only these; absent: the receiver and all clusters. */
  readonly only?: { readonly receiver: boolean; readonly clusters: readonly string[] };
  /** Only what ends within so many days; absent: whenever it ends. */
  readonly endingWithinDays?: number;
  /** Further names and addresses in the receiver's certificate, and those that go. */
  readonly addHosts?: readonly string[];
  readonly dropHosts?: readonly string[];
}

/**
 * New keys and certificates under the same names, by the authority that signs now. Nobody has to be told before: whoever trusts the
 * old certificate trusts the new one.
 *
 * @throws {Failure} CERT_NOT_FOUND for a cluster without a certificate; what issuing throws
 */
export async function renewLeaves(set: CertificateSet, options: RenewOptions): Promise<CertificateSet> {
  const { only, endingWithinDays, nowMs } = options;
  const unknown = only?.clusters.find((name) => !set.clusters.has(name));
  if (unknown !== undefined)
    throw new Failure('CERT_NOT_FOUND', `There is no certificate of a cluster called ${unknown}.`, {
      hint: `There are: ${[...set.clusters.keys()].join(', ') || 'none'}. Make one: k8s-audit certs create --cluster ${unknown}`,
    });
  const isDue = (leaf: Leaf): boolean => endingWithinDays === undefined || isTorn(leaf) || daysLeftOf(leaf, nowMs) < endingWithinDays;
  const receiver = set.receiver !== undefined && (only?.receiver ?? true) && isDue(set.receiver) ? set.receiver : undefined;
  const clusters = [...set.clusters].filter(([name, leaf]) => (only?.clusters.includes(name) ?? true) && isDue(leaf));
  return await issueAnew(set, signerOf(set), receiver !== undefined, new Set(clusters.map(([name]) => name)), options);
}

/** The same leaves by `signer`: those asked for, the others as they are. */
export async function issueAnew(
  set: CertificateSet,
  signer: KeyAndCertificate,
  isReceiverDue: boolean,
  dueClusters: ReadonlySet<string>,
  options: Pick<RenewOptions, 'nowMs' | 'days' | 'addHosts' | 'dropHosts'>,
): Promise<CertificateSet> {
  const trustPem = trustOf(set);
  const clusters = new Map<string, Leaf>();
  for (const [name, leaf] of set.clusters)
    clusters.set(
      name,
      dueClusters.has(name) ? { ...(await issueClusterCertificate(signer, name, issueLike(leaf, options))), trustPem } : leaf,
    );
  const receiver =
    set.receiver !== undefined && isReceiverDue
      ? { ...(await issueServerCertificate(signer, hostsAfter(set.receiver, options), issueLike(set.receiver, options))), trustPem }
      : set.receiver;
  return { ...set, clusters, ...(receiver === undefined ? {} : { receiver }) };
}

/** A renewal that was cut short left the key of one and the certificate of the other: it is due, whenever it ends. */
function isTorn(leaf: Leaf): boolean {
  return !certificateOf(leaf).checkPrivateKey(parsePrivateKey(leaf.privateKeyPem));
}

function daysLeftOf(leaf: Leaf, nowMs: number): number {
  return daysLeft(certificateOf(leaf).validToDate.getTime(), nowMs);
}

/** The names that a renewal keeps, without those that are dropped, with those that are added. */
function hostsAfter(receiver: Leaf, { addHosts = [], dropHosts = [] }: Pick<RenewOptions, 'addHosts' | 'dropHosts'>): readonly string[] {
  const kept = alternativeNamesOf(certificateOf(receiver).subjectAltName)
    .filter(({ kind }) => kind === 'dns' || kind === 'ip')
    .map(({ value }) => value);
  return [...kept.filter((host) => !dropHosts.includes(host)), ...addHosts];
}

function issueLike(leaf: Leaf, { nowMs, days }: Pick<RenewOptions, 'nowMs' | 'days'>): IssueOptions {
  const certificate = certificateOf(leaf);
  return { nowMs, algorithm: algorithmOf(certificate), guideCompatible: isGuides(certificate), ...(days === undefined ? {} : { days }) };
}

export function algorithmOf(certificate: X509Certificate): KeyAlgorithm {
  return certificate.publicKey.asymmetricKeyType === 'rsa' ? 'rsa-2048' : 'ecdsa-p256';
}

/** Made by `--guide-compatible`: the subject of the guide's csr.conf. */
export function isGuides(certificate: X509Certificate): boolean {
  return certificate.subject.split('\n').includes('O=Wazuh');
}
