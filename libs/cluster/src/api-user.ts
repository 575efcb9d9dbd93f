import type { RequestOptions } from 'node:https';
import { Failure } from '@k8s-audit/failure';
import type { KubeConfig } from '@kubernetes/client-node';

/** Who a kubeconfig makes one, at which API server. */
export interface ApiUser {
  /** `https://10.0.0.4:6443` */
  readonly server: string;
  /** Credentials and whom to trust, as options of node:https. */
  readonly tls: RequestOptions;
}

/** @param kubeconfig the text of a file @throws Failure CLUSTER_UNREACHABLE where it names no cluster or its credentials cannot be had */
export async function readApiUser(kubeconfig: string): Promise<ApiUser> {
  // Half a second to load: only for who needs it.
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  try {
    config.loadFromString(kubeconfig);
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('it names no cluster');
    const tls: RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(tls as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
    return { server, tls };
  } catch (cause) {
    throw new Failure('CLUSTER_UNREACHABLE', `The kubeconfig cannot be used: ${(cause as Error).message}.`, {
      hint: 'Check it with: kubectl --kubeconfig FILE cluster-info',
      cause,
    });
  }
}
