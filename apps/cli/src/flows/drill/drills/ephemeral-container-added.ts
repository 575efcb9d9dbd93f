import type { Drill } from '../drill.ts';
import { CONTAINER, createPod } from './drill-objects.ts';

const POD = 'ephemeral-container-added';

/** As `kubectl debug` does it. */
export const ephemeralContainerAdded: Drill = {
  detection: 'ephemeral-container-added',
  steps: ['create a pod that does nothing', 'add an ephemeral container to it that does nothing either'],
  async act(ground) {
    await createPod(ground, POD);
    return await ground.deed({
      method: 'PATCH',
      path: `/api/v1/namespaces/${ground.namespace}/pods/${POD}/ephemeralcontainers`,
      headers: { 'Content-Type': 'application/strategic-merge-patch+json' },
      body: { spec: { ephemeralContainers: [{ ...CONTAINER, name: 'drill' }] } },
    });
  },
  isDone: (status) => status === 200,
};
