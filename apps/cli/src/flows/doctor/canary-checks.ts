import type { Check, CheckText, Finding } from '@k8s-audit/checks';
import type { CanaryResult } from '../canary/run-canary.ts';
import { HOPS, type HopFinding, type HopId } from '../hops/hop.ts';

const WHY: Readonly<Record<HopId, string>> = {
  'api-server': 'It must answer, and its policy must record the request: its own count of audit events tells.',
  webhook: 'No event came to the receiver, and nobody was turned away: the API server has no webhook, or does not reach the port.',
  tls: 'Certificate, authority, name, cluster: who is turned away loses its events after five attempts.',
  spool: 'A 2xx means on disk. Until then the API server keeps the batch, and tries again.',
  pipeline: 'An event that cannot be read is put aside with its reason and does not stop those behind it.',
  socket: 'Events wait in the spool as long as Wazuh’s queue does not take them.',
  daemon: 'wazuh-analysisd takes a datagram before it works it off, and may drop it then: alert, archive or its counters tell.',
  rule: 'The alert’s own rule, or what logtest says of the very message that was sent.',
  alerts: 'What Filebeat reads. Half a line does not count.',
  archive: 'Only where `logall_json` is on.',
};

/** The canary's hops, asked with `doctor --canary` alone: it sends a request to the API server. */
export const CANARY_CHECKS: readonly CheckText[] = HOPS.map(({ id, promise }) => ({
  id: `canary-${id}`,
  category: 'canary',
  statement: promise,
  why: `${WHY[id]} Asked with --canary. [All hops](../guides/prove-it-works.md).`,
}));

/** @param results of one canary to each API server */
export function canaryChecks(results: readonly CanaryResult[]): readonly Check[] {
  return HOPS.map(({ id }, index) => ({
    ...(CANARY_CHECKS[index] as CheckText),
    run: async () =>
      findingOf(results.flatMap(({ apiServer, hops }) => hops.filter(({ hop }) => hop === id).map((found) => ({ apiServer, ...found })))),
  }));
}

type Found = HopFinding & { readonly apiServer: string };

/** One API server that is broken here is enough; one that is not reached was broken before, and is named there. */
function findingOf(found: readonly Found[]): Finding {
  const broken = found.filter((each) => each.state === 'broken');
  const next = broken[0]?.next;
  if (next !== undefined) return { kind: 'failure', seen: textOf(broken), next };
  const reached = found.filter(({ state }) => state !== 'not-reached');
  if (reached.length === 0) return { kind: 'skipped', seen: 'something before it is broken' };
  const ok = reached.filter(({ state }) => state === 'ok');
  return ok.length === 0 ? { kind: 'skipped', seen: textOf(reached) } : { kind: 'ok', seen: textOf(ok) };
}

function textOf(found: readonly Found[]): string {
  return found
    .map(({ apiServer, seen, latencyMs }) => `${apiServer}: ${seen}${latencyMs === undefined ? '' : `, ${latencyMs} ms`}`)
    .join('; ');
}
