import {
  auditFlags,
  computeLoadFlags,
  estimateLoad,
  type Flag,
  type LoadEstimate,
  parseWebhookAddress,
  renderWebhookKubeconfig,
} from '@k8s-audit/apiserver-config';

export interface RenderWebhookOptions {
  /** HOST, HOST:PORT, or either behind https://. */
  readonly server: string;
  readonly cluster: string;
  readonly apiServer?: string;
  readonly tlsServerName?: string;
  /** Paths as the API server sees them. */
  readonly authorityPath: string;
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Instead of certificate and key. */
  readonly tokenPath?: string;
  readonly policyPath: string;
  readonly webhookPath: string;
  readonly eventsPerSecond: number;
  readonly overrides: readonly Flag[];
}

export interface RenderedWebhook {
  /** The file of --audit-webhook-config-file. */
  readonly kubeconfig: string;
  readonly flags: readonly Flag[];
  readonly estimate: LoadEstimate;
}

/** Address -> kubeconfig; event rate -> flags that carry it. Nothing is written. */
export function renderWebhook(options: RenderWebhookOptions): RenderedWebhook {
  const { server, policyPath, webhookPath, eventsPerSecond, overrides, ...kubeconfig } = options;
  const load = computeLoadFlags(eventsPerSecond);
  return {
    kubeconfig: renderWebhookKubeconfig({ address: parseWebhookAddress(server), ...kubeconfig }),
    flags: auditFlags({ policyPath, webhookPath, load, overrides }),
    estimate: estimateLoad(load, eventsPerSecond),
  };
}
