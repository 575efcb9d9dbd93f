import { createPrivateKey, X509Certificate } from 'node:crypto';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';
import type { Configuration } from './configuration.ts';
import type { TlsMaterial } from './data-listener.ts';

/**
 * Reads the three PEM files and checks that they belong together, so that a mistake is named here and not by a client's alert.
 *
 * @throws {Failure} of the files, `TLS_UNUSABLE`
 */
export async function readTlsFiles(files: NonNullable<Configuration['tls']>, nowMs: number): Promise<TlsMaterial> {
  const [certificate, key, clientAuthority] = await Promise.all(
    [files.certificate, files.key, files.clientAuthority].map((file) => readHostText(file)),
  );
  const material = { certificate: certificate as string, key: key as string, clientAuthority: clientAuthority as string };
  const reason = whyUnusable(material, nowMs);
  if (reason !== undefined)
    throw new Failure('TLS_UNUSABLE', reason, { hint: `look at the files with: k8s-audit certs show ${files.certificate}` });
  return material;
}

function whyUnusable({ certificate, key, clientAuthority }: TlsMaterial, nowMs: number): string | undefined {
  try {
    const own = new X509Certificate(certificate);
    if (!own.checkPrivateKey(createPrivateKey(key))) return 'tls.key is not the key of tls.certificate';
    if (nowMs > own.validToDate.getTime()) return `tls.certificate ended on ${own.validTo}`;
    if (!new X509Certificate(clientAuthority).ca) return 'tls.clientAuthority is no authority: it may not sign certificates';
    return undefined;
  } catch (error) {
    return `tls: ${(error as Error).message}`;
  }
}
