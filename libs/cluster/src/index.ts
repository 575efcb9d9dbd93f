/** A running cluster as seen from outside. */
export { askAuditCounters, type SeenApiServer, seeApiServers } from './api-servers.ts';
export { type ApiUser, readApiUser } from './api-user.ts';
export { type AwaitRestartOptions, awaitRestart, type Restarted } from './await-restart.ts';
export { type AuditCounters, averageEventRate, parseAuditCounters } from './metrics.ts';
export { askReadiness, type CanaryRequest, type Readiness, sendCanary } from './readiness.ts';
export { NOBODY, sendTraced, type TracedAnswer, type TracedRequest } from './traced-request.ts';
