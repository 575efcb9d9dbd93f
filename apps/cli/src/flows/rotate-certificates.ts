import {
  type AuthorityPhase,
  type AuthorityStep,
  type CertificateSet,
  certificateOf,
  changeAuthority,
  type Leaf,
  phaseOf,
  type RenewOptions,
  renewLeaves,
} from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { changedFiles, type FileChange, readCertificateSet, writeChanges } from './certificate-set-files.ts';
import { distributionBefore, rotationSteps } from './rotation-steps.ts';

export interface RotateOptions {
  readonly folder: string;
  readonly renewal: Rotation;
  readonly nowMs: number;
  /** Of new certificates; absent: a year. */
  readonly days?: number;
  /** Of the API servers, as `1.35`; absent: not known. */
  readonly kubernetesVersion?: string;
  readonly dryRun: boolean;
}

export type Rotation =
  | ({ readonly kind: 'leaves' } & Omit<RenewOptions, 'nowMs' | 'days'>)
  /** `isDistributed`: somebody says that the step before has arrived everywhere, which cannot be seen from here. */
  | { readonly kind: 'authority'; readonly step: AuthorityStep; readonly isDistributed: boolean };

export interface RotatedCertificates {
  readonly folder: string;
  readonly phase: AuthorityPhase;
  readonly files: readonly Pick<FileChange, 'path' | 'action'>[];
  /** Certificates that were renewed: valid until they end, or are revoked. */
  readonly replaced: readonly ReplacedCertificate[];
  /** What is left to do, in order; a sentence each. */
  readonly steps: readonly string[];
  /** False: a dry run, or nothing was due. */
  readonly written: boolean;
}

export interface ReplacedCertificate {
  readonly what: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
}

/**
 * Certificates as they are -> as they should be -> the files that differ, in the order in which none is missed -> what a person does next.
 *
 * @throws {Failure} AUTHORITY_STEP_REFUSED, CERT_NOT_FOUND, CERT_AUTHORITY_UNUSABLE; nothing is written then
 */
export async function rotateCertificates(options: RotateOptions): Promise<RotatedCertificates> {
  const { folder, renewal, dryRun, kubernetesVersion } = options;
  const before = await readCertificateSet(folder);
  const after = await rotated(before, options);
  if (renewal.kind === 'authority' && !renewal.isDistributed) refuseUnlessDistributed(before, renewal.step, kubernetesVersion);
  const changes = changedFiles(folder, before, after);
  if (!dryRun) await writeChanges(changes);
  return {
    folder,
    phase: phaseOf(after),
    files: changes.map(({ path, action }) => ({ path, action })),
    replaced: replacedIn(before, after),
    steps:
      changes.length === 0
        ? []
        : rotationSteps({ folder, before, after, changes, ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }) }),
    written: !dryRun && changes.length > 0,
  };
}

function replacedIn(before: CertificateSet, after: CertificateSet): readonly ReplacedCertificate[] {
  const leaves = ({ receiver, clusters }: CertificateSet): readonly (readonly [string, Leaf])[] => [
    ...(receiver === undefined ? [] : [['receiver', receiver] as const]),
    ...[...clusters].map(([name, leaf]) => [`cluster ${name}`, leaf] as const),
  ];
  const now = new Map(leaves(after));
  return leaves(before)
    .filter(([what, leaf]) => now.get(what)?.certificatePem !== leaf.certificatePem)
    .map(([what, leaf]) => ({ what, serial: certificateOf(leaf).serialNumber.toLowerCase() }));
}

async function rotated(set: CertificateSet, { renewal, nowMs, days }: RotateOptions): Promise<CertificateSet> {
  const issue = { nowMs, ...(days === undefined ? {} : { days }) };
  if (renewal.kind === 'authority') return await changeAuthority(set, renewal.step, issue);
  const { kind: _leaves, ...which } = renewal;
  return await renewLeaves(set, { ...which, ...issue });
}

function refuseUnlessDistributed(set: CertificateSet, step: AuthorityStep, kubernetesVersion: string | undefined): void {
  const needed = distributionBefore(set, step, kubernetesVersion);
  if (needed === undefined) return;
  throw new Failure('AUTHORITY_STEP_REFUSED', `Before the authority can ${step}: ${needed}`, {
    hint: `When that is done: k8s-audit certs rotate --authority ${step} --distributed`,
  });
}
