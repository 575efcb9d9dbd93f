import type { Needs } from './detection.ts';

/** What runs containers: pods, and what makes pods. */
export const WORKLOAD_RESOURCES: Exclude<Needs['resources'], '*'> = [
  { group: '', resources: ['pods', 'replicationcontrollers'] },
  { group: 'apps', resources: ['deployments', 'daemonsets', 'statefulsets', 'replicasets'] },
  { group: 'batch', resources: ['jobs', 'cronjobs'] },
];

const PLURALS: readonly string[] = WORKLOAD_RESOURCES.flatMap(({ resources }) => resources);

/** A pattern for `k8s.action`: one of the actions on one of the workloads itself; status and other subresources are other actions. */
export function onWorkloads(actions: readonly string[], resources: readonly string[] = PLURALS): string {
  return `^(${actions.join('|')}) (${resources.join('|')})$`;
}
