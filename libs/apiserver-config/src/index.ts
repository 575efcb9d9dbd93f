/** What an API server is given so that its audit events reach the receiver: text out, nothing is written. */

export { API_SERVER_CHECKS, type ApiServerSight, apiServerChecks } from './api-server-checks.ts';
export { type AuditSetup, CHECKSUM_ANNOTATION, type HostMount, type Patch, type PatchOptions, type Remark } from './audit-setup.ts';
export { type ContainerFlag, flagsOfContainer } from './container-flags.ts';
export { type AuditFlagOptions, auditFlags, type Flag, type FlagFormat, parseFlag, renderFlags } from './flag.ts';
export { patchKindCluster } from './kind-cluster.ts';
export { patchKubeadmConfigMap, patchKubeadmConfiguration } from './kubeadm-configuration.ts';
export { computeLoadFlags, DEFAULT_EVENTS_PER_SECOND, estimateLoad, type LoadEstimate, type LoadFlags } from './load-flags.ts';
export {
  minikubeArguments,
  type NodeFile,
  renderK0sFragment,
  renderKopsFragment,
  renderMicrok8sArguments,
  renderTalosPatch,
} from './rendered-configs.ts';
export { patchK3sConfig, patchRke2Config } from './server-config.ts';
export { type ApiServerPod, hostPathOf, patchStaticPod, readStaticPod } from './static-pod.ts';
export { DEFAULT_PORT, parseWebhookAddress, renderWebhookUrl, type WebhookAddress } from './webhook-address.ts';
export { renderWebhookKubeconfig, type WebhookKubeconfig } from './webhook-kubeconfig.ts';
