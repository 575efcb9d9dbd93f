import type { X509Certificate } from 'node:crypto';
import { isIssuedBy } from '../certificate-problems.ts';
import type { KeyAndCertificate } from '../issue.ts';
import { parseCertificates } from '../pem.ts';

/** All certificates of one authority: what `certs create` makes, and `certs rotate` renews. */
export interface CertificateSet {
  /** The one that signed first, and that everybody trusts. */
  readonly authority: KeyAndCertificate;
  /** Its successor, while one takes the place of the other. */
  readonly next?: KeyAndCertificate;
  readonly receiver?: Leaf;
  readonly clusters: ReadonlyMap<string, Leaf>;
}

/** A certificate with its key, and the authorities that its holder trusts in others (PEM, one or two). */
export interface Leaf extends KeyAndCertificate {
  readonly trustPem: string;
}

/**
 * Where a change of the authority stands. Every phase is one in which all can talk to all, so that each may last as long as it must:
 *
 *   steady    one authority
 *   overlap   both are trusted everywhere, the old one has signed everything
 *   switched  both are trusted everywhere, the new one has signed something, or all
 */
export type AuthorityPhase = 'steady' | 'overlap' | 'switched';

export function phaseOf(set: CertificateSet): AuthorityPhase {
  const next = successorOf(set);
  if (next === undefined) return 'steady';
  const [successor] = parseCertificates(next.certificatePem);
  const leaves = [...(set.receiver === undefined ? [] : [set.receiver]), ...set.clusters.values()];
  return leaves.some((leaf) => isIssuedBy(certificateOf(leaf), successor)) ? 'switched' : 'overlap';
}

/** Undefined also where a change has ended but its last file is still there. */
export function successorOf({ authority, next }: Pick<CertificateSet, 'authority' | 'next'>): KeyAndCertificate | undefined {
  return next?.certificatePem === authority.certificatePem ? undefined : next;
}

/** The one that signs what is new: its successor is not trusted everywhere before the switch. */
export function signerOf(set: CertificateSet): KeyAndCertificate {
  return phaseOf(set) === 'switched' ? (set.next ?? set.authority) : set.authority;
}

/** What everybody is given to trust; old before new, so that a reader of only the first finds what it knows. */
export function trustOf(set: Pick<CertificateSet, 'authority' | 'next'>): string {
  const next = successorOf(set);
  if (next === undefined) return set.authority.certificatePem;
  return `${set.authority.certificatePem.trimEnd()}\n${next.certificatePem}`;
}

export function certificateOf({ certificatePem }: Pick<KeyAndCertificate, 'certificatePem'>): X509Certificate {
  return parseCertificates(certificatePem)[0];
}
