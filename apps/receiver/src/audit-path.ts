import { isClusterName } from '@k8s-audit/wazuh-message';

export type AuditPath =
  | {
      readonly kind: 'audit' /** Absent: the certificate alone says which cluster. */;
      readonly cluster?: string;
      readonly apiServer: string;
    }
  | { readonly kind: 'unknown' };

/** A path that names no API server: all of them share one column of the books. */
export const UNNAMED_API_SERVER = '-';

/**
 * `/CLUSTER[/APISERVER]`, or `/` as the hand-made set-ups have it. kube-apiserver always appends `?timeout=30s`.
 *
 * @param url as it stands in the request line
 */
export function parseAuditPath(url: string): AuditPath {
  const path = url.split('?', 1)[0] as string;
  const [empty, cluster, apiServer, ...rest] = path.replace(/(?<=.)\/$/, '').split('/');
  if (empty !== '' || rest.length > 0) return { kind: 'unknown' };
  if (cluster === undefined || cluster === '')
    return apiServer === undefined ? { kind: 'audit', apiServer: UNNAMED_API_SERVER } : { kind: 'unknown' };
  if (!isClusterName(cluster) || (apiServer !== undefined && !isClusterName(apiServer))) return { kind: 'unknown' };
  return { kind: 'audit', cluster, apiServer: apiServer ?? UNNAMED_API_SERVER };
}
