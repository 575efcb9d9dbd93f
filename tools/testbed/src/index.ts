/** A real control plane for tests: Kubernetes built from its Go modules, started on loopback ports. */
export { type AuditCounters, parseAuditCounters } from './audit-counters.ts';
export { type BinaryOptions, ensureTestbedBinary } from './binary.ts';
export { kubernetesVersion } from './build-inputs.ts';
export { type Authority, createAuthority, openAuthority, type Subject } from './certificates.ts';
export { type ControlPlane, type ControlPlaneOptions, type RunningApiServer, type StopReport, startControlPlane } from './control-plane.ts';
export type { TestUser } from './credentials.ts';
export { findFreePorts } from './free-ports.ts';
export { leash, unleash } from './leash.ts';
export { ensureOpenSearchJars } from './opensearch/opensearch-jars.ts';
export { type OpenSearch, startOpenSearch } from './opensearch/start-opensearch.ts';
export { ensurePythonVenv } from './python-venv.ts';
export { type ProcessEnd, type ProcessOptions, type StartedProcess, startProcess } from './started-process.ts';
export type { ApiServerNode } from './static-pods/api-server-node.ts';
export { parseContainerLog } from './static-pods/container-log.ts';
export type { KubeletEvent } from './static-pods/kubelet-event.ts';
export { ensurePodShim, type ShimPrograms } from './static-pods/pod-shim.ts';
