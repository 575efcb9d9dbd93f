import type { JsonObject } from '@k8s-audit/audit-events';
import { type FactDraft, setFact, setFlag } from './fact.ts';
import { asObjects, asText, at } from './json-reading.ts';

/** Paths of the host that a pod mounts. A rule matches `hostPath`; with several the most telling one stands there. */
export function hostPathFacts(volumes: readonly JsonObject[], containers: readonly JsonObject[], facts: FactDraft): void {
  const mounted = volumes.flatMap((volume) => {
    const path = asText(at(volume, 'hostPath', 'path'));
    return path === undefined ? [] : [{ name: asText(volume['name']) ?? '', path: normalisedPath(path) }];
  });
  if (mounted.length === 0) return;
  const paths = [...new Set(mounted.map((volume) => volume.path))].sort((one, other) => telling(other) - telling(one));
  setFact(facts, 'hostPath', paths[0]);
  setFact(facts, 'hostPaths', paths.join(','));
  const names = new Set(mounted.map((volume) => volume.name));
  const mounts = containers.flatMap((container) => asObjects(container['volumeMounts']));
  setFlag(
    facts,
    'hostPathWritable',
    mounts.some((mount) => names.has(asText(mount['name']) ?? '') && mount['readOnly'] !== true),
  );
}

/** As the kernel resolves it: `//etc/./x/..` is `/etc`. Rules compare prefixes, and two slashes must not evade them. */
export function normalisedPath(path: string): string {
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..') steps.pop();
    else steps.push(step);
  }
  return `/${steps.join('/')}`;
}

/** How far a path of the host reaches. The index is the weight. */
const TELLING: readonly RegExp[] = [
  /^\/(?:var\/log|var\/lib\/docker|home|boot|dev|mnt|opt|usr|lib|sbin|bin)(?:\/|$)/,
  /^\/(?:var|run|sys)$|^\/(?:proc|sys)(?:\/|$)|^\/var\/run$/,
  /^\/(?:etc|root|var\/lib\/(?:kubelet|etcd|rancher|k3s|k0s|containerd|containers))(?:\/|$)|^\/var\/lib$/,
  /\/(?:docker|containerd|crio|cri-dockerd|podman|k3s\/containerd\/containerd)\.sock$|^\/(?:var\/)?run\/(?:containerd|crio|docker)$|^\/etc\/kubernetes(?:\/|$)/,
  /^\/$/,
];

function telling(path: string): number {
  return TELLING.findLastIndex((pattern) => pattern.test(path));
}
