import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** Deliberately not the product's own certificate library: what is tested must not also make the ground it is tested on. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const LIFETIME_MS = 2 * 24 * 3600 * 1000;
/** A guest's clock may be a little behind. */
const BACKDATE_MS = 5 * 60 * 1000;

export interface PemPair {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
}

export interface Authority {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
  readonly issue: (subject: Subject) => Promise<PemPair>;
}

/** For Kubernetes the common name is the user and each organisation a group. */
export interface Subject {
  readonly commonName: string;
  readonly organisations?: readonly string[];
  /** A server's addresses and names; a subject without any is a client. */
  readonly hosts?: readonly string[];
}

/** A new certificate authority that lives two days; its key is written nowhere. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await generateKeys();
  const name = [{ CN: [commonName] }];
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...frame(),
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return issuerOf(authority, keys.privateKey, await exportKey(keys.privateKey));
}

/** One that is there already, such as minikube's own (RSA, PKCS #1). */
export async function openAuthority({ certificate, key }: PemPair): Promise<Authority> {
  const own = createPrivateKey(key);
  const isRsa = own.asymmetricKeyType === 'rsa';
  const algorithm = isRsa ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : ALGORITHM;
  const signingKey = await webcrypto.subtle.importKey('pkcs8', own.export({ type: 'pkcs8', format: 'der' }), algorithm, true, ['sign']);
  return issuerOf(new X509Certificate(certificate), signingKey, key, algorithm);
}

function issuerOf(
  authority: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  key: string,
  signingAlgorithm: { readonly name: string; readonly hash: string } = ALGORITHM,
): Authority {
  return {
    certificate: authority.toString('pem'),
    key,
    async issue({ commonName, organisations = [], hosts = [] }) {
      const own = await generateKeys();
      // A server may be a client too (etcd dials itself through its own certificate).
      const usages = hosts.length > 0 ? [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth] : [ExtendedKeyUsage.clientAuth];
      const certificate = await X509CertificateGenerator.create({
        ...frame(),
        subject: [{ CN: [commonName] }, ...organisations.map((each) => ({ O: [each] }))],
        issuer: authority.subjectName,
        publicKey: own.publicKey,
        signingKey,
        signingAlgorithm,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension(usages),
          await AuthorityKeyIdentifierExtension.create(new X509Certificate(authority.rawData)),
          ...(hosts.length > 0 ? [new SubjectAlternativeNameExtension(hosts.map(alternativeName))] : []),
        ],
      });
      return { certificate: certificate.toString('pem'), key: await exportKey(own.privateKey) };
    },
  };
}

/** A key pair without a certificate, such as the one that signs service-account tokens. */
export async function generateKeyPair(): Promise<{ readonly privateKey: string; readonly publicKey: string }> {
  const keys = await generateKeys();
  return {
    privateKey: await exportKey(keys.privateKey),
    publicKey: PemConverter.encode(await webcrypto.subtle.exportKey('spki', keys.publicKey), 'PUBLIC KEY'),
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function frame(): { readonly serialNumber: string; readonly notBefore: Date; readonly notAfter: Date } {
  const nowMs = Date.now();
  return {
    // The first bit clear (positive), the second set (no leading zeros): the same length each time.
    serialNumber: Buffer.concat([Buffer.from([0x40]), randomBytes(15)]).toString('hex'),
    notBefore: new Date(nowMs - BACKDATE_MS),
    notAfter: new Date(nowMs + LIFETIME_MS),
  };
}

function alternativeName(host: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns', value: host };
}
