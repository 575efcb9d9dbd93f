import type { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  createAuthority,
  isIssuedBy,
  issueClusterCertificate,
  issueServerCertificate,
  type KeyAndCertificate,
  parseCertificates,
  parseClusterName,
  parsePrivateKey,
} from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { type Owner, readHostText, type WantedFile } from '@k8s-audit/host-files';
import { certificateFolder } from '../certificate-folder.ts';
import { authorityFiles, type CertificateFile, clusterFiles, hostsOf, receiverFiles } from '../plan-certificates.ts';
import type { Migration } from './migration/migration.ts';

export interface CertificateOptions {
  /** '/' or a folder that holds a machine's file system: then commands of the system are named, not run. */
  readonly root: string;
  /** Names and addresses that API servers dial. */
  readonly hosts: readonly string[];
  readonly clusters: readonly string[];
  /** The guide's receiver is taken over, or was. */
  readonly migration?: Migration;
  /** It is taken over just now: its API servers trust no other certificate than the guide's. */
  readonly takesOver?: true;
  readonly nowMs: number;
}

export interface CertificatePlan {
  readonly files: readonly WantedFile[];
  readonly notes: readonly string[];
}

type Places = ReturnType<typeof certificateFolder>;

/**
 * Authority, receiver and clusters. What is there is used again, because every cluster trusts it; what an installation before has left and
 * nobody could trust is made anew.
 *
 * @param receiver who the receiver runs as; undefined before that user is there
 * @throws Failure USAGE where nothing says which names or addresses API servers dial; CLUSTER_NAME_INVALID; what host-files throws
 */
export async function planCertificateFiles(
  folder: string,
  options: CertificateOptions,
  receiver: Owner | undefined,
): Promise<CertificatePlan> {
  const places = certificateFolder(folder);
  const isThere = existsSync(places.authority.certificate);
  const authority: KeyAndCertificate = isThere
    ? { certificatePem: await readHostText(places.authority.certificate), privateKeyPem: await readHostText(places.authority.key) }
    : await createAuthority({ nowMs: options.nowMs });
  const forReceiver = await planReceiver(folder, authority, options, receiver);
  const forClusters = await planClusters(folder, authority, options);
  const files = [...(isThere ? [] : authorityFiles(folder, authority).files), ...forReceiver.files, ...forClusters.files];
  return {
    files: files.map(({ path, text, mode, owner }) => ({ path, content: text, mode, ...(owner ? { owner } : {}) })),
    notes: [...forReceiver.notes, ...forClusters.notes],
  };
}

interface Planned {
  readonly files: readonly CertificateFile[];
  readonly notes: readonly string[];
}

async function planReceiver(
  folder: string,
  authority: KeyAndCertificate,
  options: CertificateOptions,
  owner: Owner | undefined,
): Promise<Planned> {
  const places = certificateFolder(folder);
  const trustPem = authority.certificatePem;
  const held = await pairAt(places.receiver);
  if (held !== undefined && (await isTrusted(held, authority, places, options))) {
    // The authorities of its clients may be two, while one follows the other.
    const trust = await certificatesAt(places.receiver.authority);
    const files = receiverFiles(folder, trustPem, held, owner).files.filter(({ holds }) => holds === 'authority');
    return { files: trust.some((each) => isSame(each, trustPem)) ? [] : files, notes: [] };
  }
  const left = existsSync(places.receiver.certificate)
    ? [`${places.receiver.certificate} is left from before, and API servers could not trust it: the receiver gets another`]
    : [];
  // The guide's stays for root alone: the receiver's user gets one of its own.
  const leaf =
    options.migration === undefined
      ? await issueServerCertificate(authority, await dialledHosts(options, places), { nowMs: options.nowMs })
      : await guideCertificate(options.root, options.migration);
  return { files: receiverFiles(folder, trustPem, leaf, owner).files, notes: left };
}

/** Whether the API servers that are to post here trust it: those of the guide know the guide's alone, until the receiver is ours. */
async function isTrusted(
  held: KeyAndCertificate,
  authority: KeyAndCertificate,
  places: Places,
  { root, migration, takesOver }: CertificateOptions,
): Promise<boolean> {
  const [certificate] = parseCertificates(held.certificatePem);
  if (migration === undefined) return await isOurs(certificate, authority, places);
  if (takesOver !== true) return true;
  return isSame(certificate, (await guideCertificate(root, migration)).certificatePem);
}

async function planClusters(folder: string, authority: KeyAndCertificate, { clusters, nowMs }: CertificateOptions): Promise<Planned> {
  const places = certificateFolder(folder);
  const files: CertificateFile[] = [];
  const notes: string[] = [];
  for (const cluster of new Set(clusters.map(parseClusterName))) {
    const { certificate } = places.cluster(cluster);
    if (existsSync(certificate)) {
      const [held] = await certificatesAt(certificate);
      if (held !== undefined && (await isOurs(held, authority, places))) continue;
      notes.push(`${certificate} is left from before, and the receiver would refuse it: cluster ${cluster} gets another`);
    }
    const client = await issueClusterCertificate(authority, cluster, { nowMs });
    files.push(...clusterFiles(folder, authority.certificatePem, cluster, client).files);
  }
  return { files, notes };
}

/** Issued by the authority, or by the one that is about to follow it (`certs rotate --authority`); beside a new authority that one is nobody's. */
async function isOurs(certificate: X509Certificate, authority: KeyAndCertificate, places: Places): Promise<boolean> {
  const hasSuccessor = existsSync(places.authority.certificate) && existsSync(places.next.key);
  const successors = hasSuccessor ? await certificatesAt(places.next.certificate) : [];
  return [...parseCertificates(authority.certificatePem), ...successors].some((issuer) => isIssuedBy(certificate, issuer));
}

/** Those that were asked for, else those of the certificate that is left. */
async function dialledHosts({ hosts }: CertificateOptions, { receiver }: Places): Promise<readonly string[]> {
  if (hosts.length > 0) return hosts;
  const [left] = await certificatesAt(receiver.certificate);
  if (left !== undefined) return hostsOf(left.toString());
  throw new Failure('USAGE', 'The receiver’s certificate needs the names or addresses that API servers dial.', {
    hint: 'Give each with --host, e.g. --host 10.0.0.7',
  });
}

async function guideCertificate(root: string, { certificate, key }: Migration): Promise<KeyAndCertificate> {
  return { certificatePem: await readHostText(join(root, certificate)), privateKeyPem: await readHostText(join(root, key)) };
}

/** Undefined where one of the two is missing, or they are not one another's. */
async function pairAt(at: { readonly certificate: string; readonly key: string }): Promise<KeyAndCertificate | undefined> {
  const [certificate] = await certificatesAt(at.certificate);
  if (certificate === undefined || !existsSync(at.key)) return undefined;
  const privateKeyPem = await readHostText(at.key);
  const isPair = await readable(() => certificate.checkPrivateKey(parsePrivateKey(privateKeyPem)), false);
  return isPair ? { certificatePem: await readHostText(at.certificate), privateKeyPem } : undefined;
}

/** None where there is no such file, or nothing of use in it. */
async function certificatesAt(path: string): Promise<readonly X509Certificate[]> {
  if (!existsSync(path)) return [];
  const pem = await readHostText(path);
  return readable<readonly X509Certificate[]>(() => parseCertificates(pem), []);
}

function readable<Found>(read: () => Found, otherwise: Found): Found {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure && (error.code === 'CERT_UNREADABLE' || error.code === 'KEY_UNREADABLE')) return otherwise;
    throw error;
  }
}

function isSame(certificate: X509Certificate, pem: string): boolean {
  return certificate.fingerprint256 === parseCertificates(pem)[0].fingerprint256;
}
