import { generateKeyPair as generate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * ECDSA P-256 by default: a handshake costs the receiver less than with RSA 2048, and every API server takes it.
 * RSA 2048 is what the guide made, for those whose rules ask for it.
 */
export type KeyAlgorithm = 'ecdsa-p256' | 'rsa-2048';

export interface KeyPair {
  readonly algorithm: KeyAlgorithm;
  /** PKCS#8, not encrypted: the file's mode protects it. */
  readonly privateKeyPem: string;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
}

export async function generateKeyPair(algorithm: KeyAlgorithm): Promise<KeyPair> {
  const { privateKey, publicKey } =
    algorithm === 'ecdsa-p256'
      ? await promisify(generate)('ec', { namedCurve: 'P-256' })
      : await promisify(generate)('rsa', { modulusLength: 2048 });
  return {
    algorithm,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const CURVE_NAMES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

export function describeKey(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return `RSA ${modulusLength}`;
  if (key.asymmetricKeyType === 'ec') return `EC ${CURVE_NAMES[namedCurve ?? ''] ?? namedCurve}`;
  return String(key.asymmetricKeyType);
}
