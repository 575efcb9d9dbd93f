import type { X509Certificate } from 'node:crypto';
import { type Dirent, existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type CertificateReport, inspectCertificate, parseCertificates } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';

const CERTIFICATE_ENDINGS = new Set(['.crt', '.cert', '.cer', '.pem']);
/** A folder of certificates is not deep; the root of a disk, given by mistake, is. */
const MAX_DEPTH = 6;

export interface InspectedFile extends CertificateReport {
  readonly file: string;
}

export interface InspectedCertificates {
  readonly certificates: readonly InspectedFile[];
  /** Found in a folder, and closed to this user: not looked at. */
  readonly closed: readonly string[];
}

interface ReadFile {
  readonly file: string;
  readonly certificates: readonly X509Certificate[];
  readonly privateKeyPem?: string;
}

/**
 * Every certificate of the files and folders named, each checked against the authorities among them and the key beside it.
 *
 * @param authorityFiles further authorities, which are not reported themselves
 * @throws Failure CERT_UNREADABLE and what host-files throws, for a file that is named; in a folder such files are passed over
 */
export async function inspectCertificates(
  paths: readonly string[],
  authorityFiles: readonly string[],
  nowMs: number,
): Promise<InspectedCertificates> {
  const closed: string[] = [];
  const files: ReadFile[] = [];
  for (const path of paths) {
    if (await isFolder(path)) files.push(...(await readFolder(path, closed, MAX_DEPTH)));
    else files.push(await readOne(path, closed));
  }
  const further = await Promise.all(authorityFiles.map(async (file) => parseCertificates(await readHostText(file))));
  const authorities = [...files.flatMap(({ certificates }) => certificates), ...further.flat()].filter(({ ca }) => ca);
  return {
    certificates: files.flatMap(({ file, certificates, privateKeyPem }) =>
      certificates.map((certificate, index) => ({
        file,
        ...inspectCertificate(certificate, {
          nowMs,
          // A lone certificate cannot be checked against nothing.
          ...(authorities.length > 0 ? { authorities } : {}),
          // In a chain the key belongs to the first.
          ...(privateKeyPem !== undefined && index === 0 ? { privateKeyPem } : {}),
        }),
      })),
    ),
    closed,
  };
}

async function readFolder(folder: string, closed: string[], depth: number): Promise<readonly ReadFile[]> {
  const entries = await entriesOf(folder, closed);
  const files: ReadFile[] = [];
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(depth > 0 ? await readFolder(path, closed, depth - 1) : []));
    else if (CERTIFICATE_ENDINGS.has(extname(entry.name))) {
      const file = await passOver(readOne(path, closed), path, closed);
      if (file !== undefined) files.push(file);
    }
  }
  return files;
}

async function readOne(file: string, closed: string[]): Promise<ReadFile> {
  const certificates = parseCertificates(await readHostText(file));
  const keyFile = `${file.slice(0, file.length - extname(file).length)}.key`;
  const privateKeyPem = existsSync(keyFile) ? await passOver(readHostText(keyFile), keyFile, closed) : undefined;
  return { file, certificates, ...(privateKeyPem === undefined ? {} : { privateKeyPem }) };
}

/** What a folder holds beside certificates, and what is closed to this user, ends no report. */
async function passOver<Value>(reading: Promise<Value>, path: string, closed: string[]): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code !== 'CERT_UNREADABLE') closed.push(path);
    return undefined;
  }
}

async function entriesOf(folder: string, closed: string[]): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    closed.push(folder);
    return [];
  }
}

async function isFolder(path: string): Promise<boolean> {
  return existsSync(path) && (await stat(path)).isDirectory();
}
