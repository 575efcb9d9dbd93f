import { randomBytes } from 'node:crypto';
import type { Drill } from '../drill.ts';
import { CONTAINER, createPod } from './drill-objects.ts';

const POD = 'exec-into-pod';
const SESSION = new URLSearchParams([
  ['command', '/pause'],
  ['command', '-v'],
  ['container', CONTAINER.name],
  ['stdout', 'true'],
  ['stderr', 'true'],
]);

/** As kubectl asks since 1.31: a websocket. Where the pod does not run, the authorised attempt is the same alert. */
export const execIntoPod: Drill = {
  detection: 'exec-into-pod',
  steps: ['create a pod that does nothing', 'ask for a session in it that prints the version of its only program'],
  async act(ground) {
    await createPod(ground, POD);
    await ground.awaitPod(POD);
    return await ground.deed({
      method: 'GET',
      path: `/api/v1/namespaces/${ground.namespace}/pods/${POD}/exec?${SESSION}`,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        'Sec-WebSocket-Protocol': 'v5.channel.k8s.io, v4.channel.k8s.io',
      },
    });
  },
  isDone: (status) => status !== 401 && status !== 403,
};
