import { existsSync } from 'node:fs';
import {
  createAuthority,
  type IssueOptions,
  issueClusterCertificate,
  issueServerCertificate,
  parseClusterName,
  signerOf,
  trustOf,
} from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { makeFolder, type Owner, readHostText, writeFileAtomically } from '@k8s-audit/host-files';
import { certificateFolder } from './certificate-folder.ts';
import { readCertificateSet } from './certificate-set-files.ts';
import {
  authorityFiles,
  type CertificateFile,
  type CertificateFileSet,
  clusterFiles,
  hostsOf,
  receiverFiles,
} from './plan-certificates.ts';

export interface CreateCertificatesOptions {
  readonly folder: string;
  /** `days`: of the leaves; an authority has its ten years. */
  readonly issue: IssueOptions;
  /** What API servers dial; empty: the names that the receiver's certificate has, or else `defaultHosts`. */
  readonly hosts: readonly string[];
  readonly defaultHosts: readonly string[];
  readonly clusters: readonly string[];
  /** Of the receiver's files; absent: this process. */
  readonly receiverOwner?: Owner;
  readonly replace: boolean;
  readonly dryRun: boolean;
}

export interface CreatedCertificates {
  readonly folder: string;
  readonly authority: 'created' | 'used again';
  /** Names and addresses in the receiver's certificate; absent: it was there and stays. */
  readonly hosts?: readonly string[];
  readonly clusters: readonly string[];
  readonly files: readonly {
    readonly path: string;
    readonly holds: CertificateFile['holds'];
    /** Octal: "600". */
    readonly mode: string;
    readonly action: 'create' | 'replace';
  }[];
  /** False: a dry run. */
  readonly written: boolean;
}

/**
 * The authority that is there, or a new one -> certificates -> conflicts, all at once and before anything is written -> files.
 *
 * An authority that is there is used again and never replaced: every cluster trusts it. The receiver's certificate is left alone
 * when only clusters are asked for.
 *
 * @throws Failure FILE_EXISTS naming every file in the way; what certs and host-files throw
 */
export async function createCertificates(options: CreateCertificatesOptions): Promise<CreatedCertificates> {
  const { folder, issue } = options;
  const clusters = [...new Set(options.clusters.map(parseClusterName))];
  const { authority: place } = certificateFolder(folder);
  const known = existsSync(place.certificate) || existsSync(place.key) ? await readCertificateSet(folder) : undefined;
  const hosts = await receiverHosts(options);
  const { days: _ofLeaves, ...issueAuthority } = issue;
  const set = known ?? { authority: await createAuthority(issueAuthority), clusters: new Map() };
  // While the authority changes, everybody trusts both; see rotation/certificate-set.ts.
  const [issuer, trustPem] = [signerOf(set), trustOf(set)];

  const sets: CertificateFileSet[] = [];
  if (known === undefined) sets.push(authorityFiles(folder, issuer));
  if (hosts !== undefined)
    sets.push(receiverFiles(folder, trustPem, await issueServerCertificate(issuer, hosts, issue), options.receiverOwner));
  for (const cluster of clusters) sets.push(clusterFiles(folder, trustPem, cluster, await issueClusterCertificate(issuer, cluster, issue)));

  const existing = new Set(sets.flatMap(({ files }) => files.map(({ path }) => path)).filter((path) => existsSync(path)));
  if (existing.size > 0 && !options.replace) throw inTheWay([...existing]);
  if (!options.dryRun) await writeSets(folder, sets);
  return {
    folder,
    authority: known === undefined ? 'created' : 'used again',
    ...(hosts === undefined ? {} : { hosts }),
    clusters,
    files: sets.flatMap(({ files }) =>
      files.map(({ path, holds, mode }) => ({ path, holds, mode: mode.toString(8), action: existing.has(path) ? 'replace' : 'create' })),
    ),
    written: !options.dryRun,
  };
}

/** Undefined: the receiver's certificate is not asked for. */
async function receiverHosts({ folder, hosts, defaultHosts, clusters }: CreateCertificatesOptions): Promise<readonly string[] | undefined> {
  if (hosts.length > 0) return hosts;
  const { certificate } = certificateFolder(folder).receiver;
  if (!existsSync(certificate)) return defaultHosts;
  return clusters.length > 0 ? undefined : hostsOf(await readHostText(certificate));
}

async function writeSets(root: string, sets: readonly CertificateFileSet[]): Promise<void> {
  await makeFolder(root, { mode: 0o755, existing: 'keep' });
  for (const { folder, folderMode, owner, files } of sets) {
    await makeFolder(folder, { mode: folderMode, ...(owner === undefined ? {} : { owner }) });
    for (const { path, text, mode, owner: fileOwner } of files)
      await writeFileAtomically(path, text, { mode, existing: 'replace', ...(fileOwner === undefined ? {} : { owner: fileOwner }) });
  }
}

function inTheWay(paths: readonly string[]): Failure {
  return new Failure('FILE_EXISTS', `Already there: ${paths.join(', ')}.`, {
    hint: 'Add a cluster with --cluster NAME, renew with --force (the authority stays), or choose another folder.',
  });
}
