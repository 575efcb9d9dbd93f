import type { Drill } from '../drill.ts';
import { deployment, deploymentsPath } from './drill-objects.ts';

export const workloadCreated: Drill = {
  detection: 'workload-created',
  steps: ['create a deployment without any replica'],
  act: (ground) => ground.deed({ method: 'POST', path: deploymentsPath(ground), body: deployment('workload-created') }),
  isDone: (status) => status === 201,
};
