import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Failure } from '@k8s-audit/failure';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Every certificate of a PEM text, in its order (a file may hold a chain, or two authorities during a change).
 *
 * @throws Failure CERT_UNREADABLE when there is none, or one cannot be parsed
 */
export function parseCertificates(pem: string): readonly [X509Certificate, ...X509Certificate[]] {
  const [first, ...rest] = pem.match(PEM_CERTIFICATE) ?? [];
  if (first === undefined) throw unreadable('There is no PEM certificate in it');
  try {
    return [new X509Certificate(first), ...rest.map((each) => new X509Certificate(each))];
  } catch (cause) {
    throw unreadable('It holds a certificate that cannot be parsed', cause);
  }
}

/** @throws Failure KEY_UNREADABLE also for a key with a passphrase, which nobody could type when the receiver starts */
export function parsePrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Failure('KEY_UNREADABLE', 'There is no private key in it that can be read.', {
      hint: 'A PEM key without a passphrase is needed (PKCS#8, PKCS#1 or SEC1).',
      cause,
    });
  }
}

function unreadable(what: string, cause?: unknown): Failure {
  return new Failure('CERT_UNREADABLE', `${what}.`, {
    hint: 'A PEM file is needed: a block from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
    cause,
  });
}
