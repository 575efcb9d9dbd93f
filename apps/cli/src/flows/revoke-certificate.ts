import { existsSync } from 'node:fs';
import { parseCertificates } from '@k8s-audit/certs';
import { type CertificateMarks, parseRevokedList, renderRevokedLine } from '@k8s-audit/client-access';
import { Failure } from '@k8s-audit/failure';
import { readHostText, writeFileAtomically } from '@k8s-audit/host-files';
import { certificateFolder } from './certificate-folder.ts';

export interface RevokeOptions {
  /** Absolute; `tls.revoked` of the receiver's configuration. */
  readonly list: string;
  readonly which: WhichCertificate;
  /** For people; one line. */
  readonly note: string;
  readonly dryRun: boolean;
}

export type WhichCertificate =
  | { readonly kind: 'cluster'; readonly folder: string; readonly cluster: string }
  | { readonly kind: 'file'; readonly path: string }
  /** One that was replaced: `certs rotate` told it. */
  | { readonly kind: 'serial'; readonly serial: string };

export interface RevokedCertificate {
  readonly list: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
  readonly outcome: 'revoked' | 'was revoked already';
  /** False: a dry run, or nothing had to be written. */
  readonly written: boolean;
}

/**
 * A certificate -> its serial number -> one more line of the list that the receiver reads, which it does within seconds.
 *
 * @throws {Failure} REVOKED_LIST_INVALID: a list with a mistake in it is not written to, for the receiver would not read it either;
 *   CERT_NOT_FOUND, CERT_UNREADABLE, and what host-files throws
 */
export async function revokeCertificate({ list, which, note, dryRun }: RevokeOptions): Promise<RevokedCertificate> {
  const marks = await marksOf(which);
  const text = existsSync(list) ? await readHostText(list, { symlinks: 'refuse' }) : '';
  const serial = marks.serial.toLowerCase();
  if (parseRevokedList(text).has(marks)) return { list, serial, outcome: 'was revoked already', written: false };
  const added = `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${renderRevokedLine(marks, note)}`;
  // The line that we wrote must be one that is read.
  if (!parseRevokedList(added).has(marks))
    throw new Failure('REVOKED_LIST_INVALID', `${serial} is no serial number.`, { hint: 'Up to 40 hexadecimal digits.' });
  if (!dryRun) await writeFileAtomically(list, added, { existing: 'replace' });
  return { list, serial, outcome: 'revoked', written: !dryRun };
}

async function marksOf(which: WhichCertificate): Promise<CertificateMarks> {
  if (which.kind === 'serial') return { serial: which.serial.replaceAll(':', ''), fingerprint: '' };
  const path = which.kind === 'file' ? which.path : certificateFolder(which.folder).cluster(which.cluster).certificate;
  if (which.kind === 'cluster' && !existsSync(path))
    throw new Failure('CERT_NOT_FOUND', `There is no certificate of a cluster called ${which.cluster} in ${which.folder}.`, {
      hint: 'Name its file, or its serial number with --serial; the receiver logs the serial of each client that it refuses.',
    });
  const [certificate] = parseCertificates(await readHostText(path));
  if (certificate.ca)
    throw new Failure('CERT_NOT_FOUND', `${path} is an authority, not a client: the list would not stop what it has signed.`, {
      hint: 'Change the authority: k8s-audit certs rotate --authority begin',
    });
  return { serial: certificate.serialNumber, fingerprint: certificate.fingerprint256 };
}
