import 'reflect-metadata'; // @peculiar/x509 is built on tsyringe, which needs it loaded first and does not bring it along.
import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CertificateContent, KeyUsage, SignCertificate } from './certificate-content.ts';
import { DISTINGUISHED_NAME_OIDS, PURPOSE_OIDS } from './object-identifiers.ts';

const KEY_USAGE_FLAGS: Readonly<Record<KeyUsage, x509.KeyUsageFlags>> = {
  digitalSignature: x509.KeyUsageFlags.digitalSignature,
  nonRepudiation: x509.KeyUsageFlags.nonRepudiation,
  keyEncipherment: x509.KeyUsageFlags.keyEncipherment,
  dataEncipherment: x509.KeyUsageFlags.dataEncipherment,
  keyCertSign: x509.KeyUsageFlags.keyCertSign,
  cRLSign: x509.KeyUsageFlags.cRLSign,
};

/**
 * Signs where an elliptic curve is involved, as key or as issuer: node-forge, which signs the RSA certificates, knows no EC key
 * ("Unknown OID"), and node:crypto reads certificates but cannot write them.
 */
export const signEcdsa: SignCertificate = async ({ content, publicKeyPem, issuerPrivateKeyPem, issuerCertificatePem }) => {
  const issuerKey = createPrivateKey(issuerPrivateKeyPem);
  const issuer = issuerCertificatePem === undefined ? undefined : new x509.X509Certificate(issuerCertificatePem);
  const publicKey = new x509.PublicKey(createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' }));
  const subjectKeyId = await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: content.serial,
      subject: subjectOf(content),
      // The issuer's name byte for byte: verifiers compare names as they are encoded.
      issuer: issuer?.subjectName ?? subjectOf(content),
      notBefore: new Date(content.validity.notBeforeMs),
      notAfter: new Date(content.validity.notAfterMs),
      publicKey,
      signingKey: signingKeyOf(issuerKey),
      signingAlgorithm: { ...signingAlgorithmOf(issuerKey), hash: 'SHA-256' },
      extensions: [
        new x509.BasicConstraintsExtension(content.isAuthority, content.isAuthority ? 0 : undefined, true),
        new x509.KeyUsagesExtension(
          content.keyUsages.map((usage) => KEY_USAGE_FLAGS[usage]).reduce((all, flag) => all | flag, 0),
          true,
        ),
        ...(content.purposes.length > 0 ? [new x509.ExtendedKeyUsageExtension(content.purposes.map((each) => PURPOSE_OIDS[each]))] : []),
        ...(content.names.length > 0
          ? [
              new x509.SubjectAlternativeNameExtension(
                content.names.map(({ kind, value }) => ({ type: kind === 'uri' ? 'url' : kind, value })),
              ),
            ]
          : []),
        subjectKeyId,
        new x509.AuthorityKeyIdentifierExtension(issuer === undefined ? subjectKeyId.keyId : await keyIdOf(issuer)),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
};

function subjectOf(content: CertificateContent): x509.Name {
  return new x509.Name(
    content.subject.map(({ type, value }) => ({
      [DISTINGUISHED_NAME_OIDS[type]]: [
        type === 'emailAddress' ? { ia5String: value } : type === 'C' ? { printableString: value } : { utf8String: value },
      ],
    })),
  );
}

/** An authority that somebody else made may have its key identifier by another method: what it says of itself counts. */
async function keyIdOf(issuer: x509.X509Certificate): Promise<string> {
  const own = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return (own ?? (await x509.SubjectKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto))).keyId;
}

function signingKeyOf(key: KeyObject): webcrypto.CryptoKey {
  return key.toCryptoKey(signingAlgorithmOf(key), false, ['sign']);
}

function signingAlgorithmOf(
  key: KeyObject,
): { readonly name: 'ECDSA'; readonly namedCurve: 'P-256' } | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: 'SHA-256' } {
  return key.asymmetricKeyType === 'rsa' ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: 'P-256' };
}
