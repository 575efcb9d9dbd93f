import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CertificateSet, type KeyAndCertificate, type Leaf, parseClusterName } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { readHostText, writeFileAtomically } from '@k8s-audit/host-files';
import { certificateFolder } from './certificate-folder.ts';

interface LeafPlace {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export interface FileChange {
  readonly path: string;
  readonly action: 'create' | 'replace' | 'remove';
  /** Absent: it is removed. */
  readonly text?: string;
  readonly mode: number;
}

/**
 * Reads what `certs create` wrote, and what a change of the authority has added.
 *
 * @throws {Failure} CERT_NOT_FOUND for a folder that holds no authority; what host-files throws. Links are refused: keys are read here
 */
export async function readCertificateSet(root: string): Promise<CertificateSet> {
  const at = certificateFolder(root);
  if (!existsSync(at.authority.certificate))
    throw new Failure('CERT_NOT_FOUND', `There is no authority in ${at.authority.folder}.`, {
      hint: `Give the folder that k8s-audit certs create --dir was given; it holds ca/, receiver/ and clusters/.`,
    });
  // A change that was cut off at its very end has left the certificate alone: the key goes first.
  const next = existsSync(at.next.certificate) && existsSync(at.next.key) ? await readPair(at.next) : undefined;
  const clusters = new Map<string, Leaf>();
  for (const name of await clusterNames(root)) clusters.set(name, await readLeaf(at.cluster(name)));
  return {
    authority: await readPair(at.authority),
    ...(next === undefined ? {} : { next }),
    ...(existsSync(at.receiver.certificate) ? { receiver: await readLeaf(at.receiver) } : {}),
    clusters,
  };
}

/** Those that have a certificate, by name. */
async function clusterNames(root: string): Promise<readonly string[]> {
  const folder = dirname(certificateFolder(root).cluster('any').folder);
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => existsSync(certificateFolder(root).cluster(name).certificate));
  return names.map(parseClusterName).sort();
}

/**
 * The files in which two sets differ, in an order that lets nobody down wherever it is cut off: a new authority first, then whom to trust, then
 * certificates that need that trust; what is no longer needed goes last.
 */
export function changedFiles(root: string, before: CertificateSet, after: CertificateSet): readonly FileChange[] {
  const at = certificateFolder(root);
  const leaves: readonly (readonly [LeafPlace, Leaf | undefined, Leaf | undefined])[] = [
    [at.receiver, before.receiver, after.receiver],
    ...[...after.clusters].map(([name, leaf]) => [at.cluster(name), before.clusters.get(name), leaf] as const),
  ];
  return [
    ...pairChanges(at.next, before.next, after.next),
    ...leaves.flatMap(([place, old, leaf]) => (leaf === undefined ? [] : textChange(place.authority, old?.trustPem, leaf.trustPem, 0o644))),
    ...leaves.flatMap(([place, old, leaf]) => (leaf === undefined ? [] : pairChanges(place, old, leaf))),
    ...pairChanges(at.authority, before.authority, after.authority),
    ...(before.next !== undefined && after.next === undefined
      ? [at.next.key, at.next.certificate].map((path) => ({ path, action: 'remove' as const, mode: 0o600 }))
      : []),
  ];
}

/** Owners and modes of files that are there stay as they are. */
export async function writeChanges(changes: readonly FileChange[]): Promise<void> {
  for (const { path, text, mode, action } of changes) {
    if (text === undefined) await rm(path, { force: true });
    else await writeFileAtomically(path, text, { existing: 'replace', ...(action === 'create' ? { mode } : {}) });
  }
}

/** Readers of the two files meet a pair that does not fit for some milliseconds: they keep the old one and look again. */
function pairChanges(
  place: Pick<LeafPlace, 'certificate' | 'key'>,
  old: KeyAndCertificate | undefined,
  pair: KeyAndCertificate | undefined,
): readonly FileChange[] {
  if (pair === undefined) return [];
  return [
    ...textChange(place.key, old?.privateKeyPem, pair.privateKeyPem, 0o600),
    ...textChange(place.certificate, old?.certificatePem, pair.certificatePem, 0o644),
  ];
}

function textChange(path: string, old: string | undefined, text: string, mode: number): readonly FileChange[] {
  return old === text ? [] : [{ path, action: old === undefined ? 'create' : 'replace', text, mode }];
}

async function readLeaf(place: LeafPlace): Promise<Leaf> {
  return { ...(await readPair(place)), trustPem: await readHostText(place.authority, { symlinks: 'refuse' }) };
}

async function readPair({ certificate, key }: Pick<LeafPlace, 'certificate' | 'key'>): Promise<KeyAndCertificate> {
  return {
    certificatePem: await readHostText(certificate, { symlinks: 'refuse' }),
    privateKeyPem: await readHostText(key, { symlinks: 'refuse' }),
  };
}
