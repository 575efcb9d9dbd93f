import { renderTable } from '../../text-table.ts';
import { brokenHop, HOPS, type HopFinding } from './hop.ts';

/** The hops of one request for a person: state, latency, what was seen; below it what to do. */
export function renderHops(findings: readonly HopFinding[]): string {
  const rows = findings.map(({ hop, state, latencyMs, seen }) => [
    nameOf(hop),
    state,
    latencyMs === undefined ? '-' : `${latencyMs} ms`,
    seen,
  ]);
  const broken = brokenHop(findings);
  return [
    renderTable(['HOP', 'STATE', 'LATENCY', 'SEEN'], rows),
    ...(broken === undefined ? [] : [`Broken at ${nameOf(broken.hop)}: ${broken.seen}`, `Next: ${broken.next}`]),
  ].join('\n');
}

export function nameOf(hop: HopFinding['hop']): string {
  return HOPS.find(({ id }) => id === hop)?.name ?? hop;
}
