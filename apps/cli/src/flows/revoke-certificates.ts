import { parseCertificates } from '@k8s-audit/certs';
import { parseRevokedList, renderRevokedLine } from '@k8s-audit/client-access';
import { Failure } from '@k8s-audit/failure';
import { readHostText, writeFileAtomically } from '@k8s-audit/host-files';

export interface RevokedCertificates {
  readonly list: string;
  /** Lines that were added, or would be. */
  readonly added: readonly string[];
  /** Serial numbers that stood there already. */
  readonly present: readonly string[];
  /** False: a dry run, or nothing was to be added. */
  readonly written: boolean;
}

/** @throws {Failure} CERT_UNREADABLE, REVOKED_LIST_INVALID, of the files; nothing is changed then */
export async function revokeCertificates(
  files: readonly string[],
  { list, note, nowMs, dryRun }: { readonly list: string; readonly note: string; readonly nowMs: number; readonly dryRun: boolean },
): Promise<RevokedCertificates> {
  const before = await readList(list);
  const revoked = parseRevokedList(before ?? '');
  const added: string[] = [];
  const present: string[] = [];
  for (const file of files) {
    const [{ serialNumber: serial, fingerprint256: fingerprint, subject }] = parseCertificates(await readHostText(file));
    if (revoked.has({ serial, fingerprint })) present.push(serial.toLowerCase());
    else
      added.push(
        renderRevokedLine({ serial, fingerprint }, oneLine(`${subject}, ${new Date(nowMs).toISOString().slice(0, 10)} ${note}`)).trimEnd(),
      );
  }
  const written = added.length > 0 && !dryRun;
  if (written) {
    const text = `${before === undefined || before === '' || before.endsWith('\n') ? (before ?? '') : `${before}\n`}${added.join('\n')}\n`;
    await writeFileAtomically(list, text, before === undefined ? { mode: 0o644 } : { existing: 'replace' });
  }
  return { list, added, present, written };
}

async function readList(list: string): Promise<string | undefined> {
  try {
    return await readHostText(list);
  } catch (error) {
    if (error instanceof Failure && error.code === 'FILE_MISSING') return undefined;
    throw error;
  }
}

/** A subject and a note may hold anything; an entry is one line. */
function oneLine(text: string): string {
  return [...text]
    .map((letter) => (letter < ' ' || letter === '\u007f' ? ' ' : letter))
    .join('')
    .trim();
}
