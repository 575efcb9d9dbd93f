/** A running cluster as seen from outside. */
export { type SeenApiServer, seeApiServers } from './api-servers.ts';
export { type AwaitRestartOptions, awaitRestart, type Restarted } from './await-restart.ts';
export { type AuditCounters, averageEventRate, parseAuditCounters } from './metrics.ts';
export { askReadiness, type CanaryRequest, type Readiness, sendCanary } from './readiness.ts';
