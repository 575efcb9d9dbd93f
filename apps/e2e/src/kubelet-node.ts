import { ApiException, CoreV1Api, KubeConfig } from '@kubernetes/client-node';

const NAME = 'stand-in';

/**
 * Registers a node whose kubelet listens at `address`. It never becomes ready, so the scheduler leaves it alone; a pod that names it is bound to it,
 * and the API server forwards exec and attach to it.
 */
export async function createNode(adminKubeconfig: string, kubelet: { readonly address: string; readonly port: number }): Promise<string> {
  const config = new KubeConfig();
  config.loadFromString(adminKubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  try {
    await core.createNode({ body: { metadata: { name: NAME } } });
  } catch (error) {
    if (!(error instanceof ApiException && error.code === 409)) throw error;
  }
  await core.replaceNodeStatus({
    name: NAME,
    body: {
      metadata: { name: NAME },
      status: {
        addresses: [{ type: 'InternalIP', address: kubelet.address }],
        daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
      },
    },
  });
  return NAME;
}
