import { Failure } from '@k8s-audit/failure';
import type { Cluster } from './cluster.ts';
import { createMinikubeCluster } from './clusters/minikube.ts';
import { createTestbedCluster } from './clusters/testbed.ts';

/** Every cluster that `--cluster` can name. */
const CLUSTERS: Readonly<Record<string, () => Cluster>> = {
  testbed: createTestbedCluster,
  minikube: createMinikubeCluster,
};

export const CLUSTER_NAMES: readonly string[] = Object.keys(CLUSTERS);

export function chooseCluster(name: string): Cluster {
  const create = CLUSTERS[name];
  if (create !== undefined) return create();
  throw new Failure('USAGE', `there is no cluster called ${name}`, { hint: `--cluster takes ${CLUSTER_NAMES.join(', ')}` });
}
