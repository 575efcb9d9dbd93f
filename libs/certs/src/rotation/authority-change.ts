import { Failure } from '@k8s-audit/failure';
import { createAuthority, type KeyAndCertificate } from '../issue.ts';
import { type AuthorityPhase, type CertificateSet, certificateOf, type Leaf, phaseOf, successorOf, trustOf } from './certificate-set.ts';
import { algorithmOf, isGuides, issueAnew } from './renew-leaves.ts';

/** `begin` trusts both, `switch` signs with the new one, `finish` trusts the new one alone; `abandon` goes back before a switch. */
export type AuthorityStep = 'begin' | 'switch' | 'finish' | 'abandon';

/** The phases in which a step makes sense. The same step again, after it was cut short, ends what it began. */
const FROM: Readonly<Record<AuthorityStep, readonly AuthorityPhase[]>> = {
  begin: ['steady', 'overlap'],
  switch: ['overlap', 'switched'],
  finish: ['switched', 'steady'],
  abandon: ['overlap'],
};

export interface ChangeOptions {
  readonly nowMs: number;
  /** Of the leaves that a switch issues. */
  readonly days?: number;
}

/**
 * One step of the change from an authority to its successor, as a new set; nothing is written.
 *
 * No step on its own can cut anybody off: before `switch` everybody must have what `begin` made, before `finish` what `switch` made. Whether
 * they do cannot be seen from here; the caller asks.
 *
 * @throws {Failure} AUTHORITY_STEP_REFUSED in a phase where the step would cut somebody off
 */
export async function changeAuthority(set: CertificateSet, step: AuthorityStep, options: ChangeOptions): Promise<CertificateSet> {
  const phase = phaseOf(set);
  if (!FROM[step].includes(phase) || (step === 'finish' && set.next === undefined)) throw refused(step, phase);
  switch (step) {
    case 'begin':
      return withTrust({ ...set, next: successorOf(set) ?? (await createSuccessor(set, options)) });
    case 'switch':
      return await switched(withTrust(set), options);
    case 'finish':
      return withTrust({ authority: set.next ?? set.authority, clusters: set.clusters, ...receiverOf(set) });
    case 'abandon':
      return withTrust({ authority: set.authority, clusters: set.clusters, ...receiverOf(set) });
  }
}

async function createSuccessor({ authority }: CertificateSet, { nowMs }: ChangeOptions): Promise<KeyAndCertificate> {
  const certificate = certificateOf(authority);
  return await createAuthority({ nowMs, algorithm: algorithmOf(certificate), guideCompatible: isGuides(certificate) });
}

/** Leaves that the successor has signed already stay: a second try ends the first. */
async function switched(set: CertificateSet, options: ChangeOptions): Promise<CertificateSet> {
  const next = set.next ?? set.authority;
  const successor = certificateOf(next);
  const isOld = (leaf: Leaf): boolean => !certificateOf(leaf).verify(successor.publicKey);
  const dueClusters = new Set([...set.clusters].filter(([, leaf]) => isOld(leaf)).map(([name]) => name));
  return await issueAnew(set, next, set.receiver !== undefined && isOld(set.receiver), dueClusters, options);
}

/** Everybody trusts the authorities of the set, and no other. */
function withTrust(set: CertificateSet): CertificateSet {
  const trustPem = trustOf(set);
  return {
    ...set,
    ...(set.receiver === undefined ? {} : { receiver: { ...set.receiver, trustPem } }),
    clusters: new Map([...set.clusters].map(([name, leaf]) => [name, { ...leaf, trustPem }])),
  };
}

function receiverOf({ receiver }: CertificateSet): Pick<CertificateSet, 'receiver'> {
  return receiver === undefined ? {} : { receiver };
}

function refused(step: AuthorityStep, phase: AuthorityPhase): Failure {
  const hints: Readonly<Record<AuthorityPhase, string>> = {
    steady: 'No change of the authority is under way: k8s-audit certs rotate --authority begin',
    overlap: 'Both are trusted, the old one signs: go on with --authority switch, or back with --authority abandon',
    switched: 'The new one has signed: go on with --authority finish (or switch again, if it was cut short)',
  };
  return new Failure('AUTHORITY_STEP_REFUSED', `The authority cannot ${step} now.`, { hint: hints[phase] });
}
