import { generateKeyPair as generate } from 'node:crypto';
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
