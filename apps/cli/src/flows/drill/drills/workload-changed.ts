import type { Drill } from '../drill.ts';
import { deployment, deploymentsPath } from './drill-objects.ts';

const NAME = 'workload-changed';

export const workloadChanged: Drill = {
  detection: 'workload-changed',
  steps: ['create a deployment without any replica', 'pause it'],
  async act(ground) {
    await ground.prepare({ method: 'POST', path: deploymentsPath(ground), body: deployment(NAME) });
    return await ground.deed({
      method: 'PATCH',
      path: `${deploymentsPath(ground)}/${NAME}`,
      headers: { 'Content-Type': 'application/merge-patch+json' },
      body: { spec: { paused: true } },
    });
  },
  isDone: (status) => status === 200,
};
