import { createHash } from 'node:crypto';

/** Of the two things that an API server reads at its start only, by part. */
export interface Checksums {
  readonly policy?: string;
  /** The webhook kubeconfig and the authority that it names. */
  readonly webhook?: string;
}

/** Enough to tell two files apart; nobody gains anything by a collision. */
const HEX_DIGITS = 16;

/** The value of the pod's annotation: `policy=…,webhook=…`. A change of it makes the kubelet restart the pod. */
export function setupChecksum({ policy, webhook }: { readonly policy: string; readonly webhook?: readonly string[] }): string {
  return [`policy=${digest([policy])}`, ...(webhook === undefined ? [] : [`webhook=${digest(webhook)}`])].join(',');
}

export function parseChecksum(text: string): Checksums {
  return Object.fromEntries(text.split(',').map((part) => part.split('='))) as Checksums;
}

/** Each text with its length, so that no two lists of texts come to the same. */
function digest(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:`).update(text);
  return hash.digest('hex').slice(0, HEX_DIGITS);
}
