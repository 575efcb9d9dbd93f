/** A minor version of Kubernetes, the part that decides what a policy may say. */
export type KubernetesVersion = `${number}.${number}`;

/** The version whose behaviour this package has in full: k8s.io/apiserver v0.36.3. */
export const LATEST: KubernetesVersion = '1.36';

/** The minor version in `1.35`, `v1.35.4`, `1.35.4+k3s1`; undefined when there is none. */
export function parseVersion(text: string): KubernetesVersion | undefined {
  const match = /^v?(\d+)\.(\d+)(?:[.+-].*)?$/.exec(text);
  return match === null ? undefined : (`${match[1]}.${match[2]}` as KubernetesVersion);
}

/** Negative, zero or positive, as for sorting. */
export function compareVersions(a: KubernetesVersion, b: KubernetesVersion): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
