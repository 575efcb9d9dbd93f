import type { X509Certificate } from 'node:crypto';
import { isClusterName } from '@k8s-audit/wazuh-message';
import { alternativeNamesOf } from './subject-alternative-names.ts';

const CLUSTER_URI_PREFIX = 'k8s-audit://cluster/';

export type Identity =
  | { readonly kind: 'cluster'; readonly cluster: string }
  /** Whoever shows this certificate is nobody: answer 403 and count it by reason. */
  | { readonly kind: 'refused'; readonly reason: 'no-cluster-uri' | 'several-cluster-uris' | 'odd-cluster-name' };

/** `k8s-audit://cluster/NAME`: a scheme of our own, so that no other certificate of a shared authority can mean a cluster by accident. */
export function clusterUri(cluster: string): string {
  return `${CLUSTER_URI_PREFIX}${cluster}`;
}

/**
 * The cluster that a client certificate stands for, by its one URI `k8s-audit://cluster/NAME`. The subject is not looked at.
 *
 * The caller has verified the chain and the purpose (TLS with `requestCert` and `rejectUnauthorized` does both).
 * Exact letters count: another case, an escape, a port, a query or a second such URI is refused, not repaired.
 */
export function identityOf(certificate: Pick<X509Certificate, 'subjectAltName'>): Identity {
  const uris = alternativeNamesOf(certificate.subjectAltName).filter(({ kind, value }) => kind === 'uri' && /^k8s-audit:/i.test(value));
  const [first, second] = uris;
  if (first === undefined) return { kind: 'refused', reason: 'no-cluster-uri' };
  if (second !== undefined) return { kind: 'refused', reason: 'several-cluster-uris' };
  const name = first.value.startsWith(CLUSTER_URI_PREFIX) ? first.value.slice(CLUSTER_URI_PREFIX.length) : '';
  return isClusterName(name) ? { kind: 'cluster', cluster: name } : { kind: 'refused', reason: 'odd-cluster-name' };
}
