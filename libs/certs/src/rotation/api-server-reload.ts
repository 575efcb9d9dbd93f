/**
 * How an API server takes files that have changed below its feet. The webhook kubeconfig itself is read at the start only.
 *
 * Client certificate and key: by a poll every five minutes (client-go v0.36.3 transport/cert_rotation.go:35 CertCallbackRefreshDuration). The
 * authority: the same from Kubernetes 1.36 on (gate ClientsAllowCARotation, client-go features/known_features.go:115), at the start before.
 */
export const CLIENT_FILES_POLL_MINUTES = 5;
const AUTHORITY_POLL_SINCE = { major: 1, minor: 36 } as const;

export type AuthorityReload = 'by itself' | 'restart' | 'depends on the version';

/** @param version `1.35`, `v1.36.2`, …; undefined or anything else: not known */
export function authorityReload(version: string | undefined): AuthorityReload {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (major === undefined || minor === undefined) return 'depends on the version';
  const isLater = Number(major) > AUTHORITY_POLL_SINCE.major;
  const isSame = Number(major) === AUTHORITY_POLL_SINCE.major && Number(minor) >= AUTHORITY_POLL_SINCE.minor;
  return isLater || isSame ? 'by itself' : 'restart';
}
