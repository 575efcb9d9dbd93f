/** What an API server is given so that its audit events reach the receiver: text out, nothing is written. */

export { API_SERVER_CHECKS, type ApiServerSight, apiServerChecks } from './api-server-checks.ts';
export { type AuditSetup, CHECKSUM_ANNOTATION, type HostMount, type Patch, type PatchOptions, type Remark } from './audit-setup.ts';
export { type AuditFlagOptions, auditFlags, type Flag, type FlagFormat, parseFlag, renderFlags } from './flag.ts';
export { computeLoadFlags, DEFAULT_EVENTS_PER_SECOND, estimateLoad, type LoadEstimate, type LoadFlags } from './load-flags.ts';
export { type ApiServerPod, patchStaticPod, readStaticPod } from './static-pod.ts';
export { DEFAULT_PORT, parseWebhookAddress, renderWebhookUrl, type WebhookAddress } from './webhook-address.ts';
export { renderWebhookKubeconfig, type WebhookKubeconfig } from './webhook-kubeconfig.ts';
