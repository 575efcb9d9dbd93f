import type { Stage } from '@k8s-audit/audit-events';
import type { RequestAttributes } from '../model.ts';

/**
 * Stages of which kube-apiserver makes an event when a request goes well, whatever the policy omits; a panic replaces
 * the last one by `Panic`. A request that nobody could authenticate is only ever `ResponseStarted`.
 */
export function stagesOf(request: RequestAttributes): readonly Stage[] {
  if (request.user === null) return ['ResponseStarted'];
  return isLongRunning(request) ? ['RequestReceived', 'ResponseStarted', 'ResponseComplete'] : ['RequestReceived', 'ResponseComplete'];
}

/** Sessions and streams: their `ResponseComplete` comes when they end (apiserver pkg/server/filters/longrunning.go). */
export function isLongRunning({ verb, resourceRequest, subresource, path }: RequestAttributes): boolean {
  if (verb === 'watch' || verb === 'proxy') return true;
  return resourceRequest ? LONG_RUNNING_SUBRESOURCES.has(subresource) : path.startsWith('/debug/pprof/');
}

/** As kube-apiserver sets them. */
const LONG_RUNNING_SUBRESOURCES: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);
