import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { KeyAndCertificate } from '../issue.ts';

/** A CRL as an authority (ECDSA P-256) publishes it, PEM. */
export async function publishCrl(
  authority: KeyAndCertificate,
  serials: readonly string[],
  { thisUpdateMs, nextUpdateMs }: { readonly thisUpdateMs: number; readonly nextUpdateMs: number },
): Promise<string> {
  const signing = { name: 'ECDSA', namedCurve: 'P-256' } as const;
  const crl = await x509.X509CrlGenerator.create(
    {
      issuer: new x509.X509Certificate(authority.certificatePem).subjectName,
      thisUpdate: new Date(thisUpdateMs),
      nextUpdate: new Date(nextUpdateMs),
      entries: serials.map((serialNumber) => ({ serialNumber, revocationDate: new Date(thisUpdateMs) })),
      signingKey: createPrivateKey(authority.privateKeyPem).toCryptoKey(signing, false, ['sign']),
      signingAlgorithm: { ...signing, hash: 'SHA-256' },
    },
    webcrypto,
  );
  // The library writes `BEGIN CRL`, which OpenSSL does not read.
  return `${crl.toString('pem').replaceAll(/(BEGIN|END) CRL/g, '$1 X509 CRL')}\n`;
}
