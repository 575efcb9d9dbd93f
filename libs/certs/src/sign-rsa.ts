import forge from 'node-forge';
import type { CertificateContent, SignCertificate, SubjectAttribute } from './certificate-content.ts';

/** Signs where both keys are RSA, as the guide's are. */
export const signRsa: SignCertificate = async ({ content, publicKeyPem, issuerPrivateKeyPem, issuerCertificatePem }) => {
  const issuer = issuerCertificatePem === undefined ? undefined : forge.pki.certificateFromPem(issuerCertificatePem);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKeyPem);
  certificate.serialNumber = content.serial;
  certificate.validity.notBefore = new Date(content.validity.notBeforeMs);
  certificate.validity.notAfter = new Date(content.validity.notAfterMs);
  certificate.setSubject(content.subject.map(attributeOf));
  certificate.setIssuer(issuer?.subject.attributes ?? content.subject.map(attributeOf));
  certificate.setExtensions(extensionsOf(content, issuer ?? certificate));
  certificate.sign(forge.pki.privateKeyFromPem(issuerPrivateKeyPem) as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
};

/** Without the tag forge writes a PrintableString, in which `@` and `_` are not allowed. */
function attributeOf({ type, value }: SubjectAttribute): forge.pki.CertificateField {
  if (type === 'emailAddress') return { name: type, value, valueTagClass: forge.asn1.Type.IA5STRING as unknown as forge.asn1.Class };
  const tag = type === 'C' ? forge.asn1.Type.PRINTABLESTRING : forge.asn1.Type.UTF8;
  return { shortName: type, value, valueTagClass: tag as unknown as forge.asn1.Class };
}

function extensionsOf(content: CertificateContent, issuer: forge.pki.Certificate): object[] {
  return [
    { name: 'basicConstraints', cA: content.isAuthority, critical: true, ...(content.isAuthority ? { pathLenConstraint: 0 } : {}) },
    { name: 'keyUsage', critical: true, ...Object.fromEntries(content.keyUsages.map((usage) => [usage, true])) },
    ...(content.purposes.length > 0 ? [{ name: 'extKeyUsage', ...Object.fromEntries(content.purposes.map((each) => [each, true])) }] : []),
    ...(content.names.length > 0 ? [{ name: 'subjectAltName', altNames: content.names.map(alternativeNameOf) }] : []),
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: keyIdOf(issuer) },
  ];
}

/** GeneralName tags of RFC 5280 4.2.1.6. */
function alternativeNameOf({ kind, value }: CertificateContent['names'][number]): object {
  return kind === 'ip' ? { type: 7, ip: value } : { type: kind === 'dns' ? 2 : 6, value };
}

function keyIdOf(issuer: forge.pki.Certificate): string {
  const own = issuer.getExtension('subjectKeyIdentifier') as { readonly subjectKeyIdentifier?: string } | undefined;
  return own?.subjectKeyIdentifier === undefined
    ? issuer.generateSubjectKeyIdentifier().getBytes()
    : forge.util.hexToBytes(own.subjectKeyIdentifier);
}
