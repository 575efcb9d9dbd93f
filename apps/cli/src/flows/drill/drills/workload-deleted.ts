import type { Drill } from '../drill.ts';
import { deployment, deploymentsPath } from './drill-objects.ts';

const NAME = 'workload-deleted';

export const workloadDeleted: Drill = {
  detection: 'workload-deleted',
  steps: ['create a deployment without any replica', 'delete it'],
  async act(ground) {
    await ground.prepare({ method: 'POST', path: deploymentsPath(ground), body: deployment(NAME) });
    return await ground.deed({ method: 'DELETE', path: `${deploymentsPath(ground)}/${NAME}` });
  },
  isDone: (status) => status === 200 || status === 202,
};
