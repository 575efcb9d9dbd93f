/** The way of one event, in its order. What stands behind a hop that is broken is not reached, but `alerts` and `archive` stand beside each other. */
export const HOPS = [
  { id: 'api-server', name: 'API server', promise: 'answers requests and makes audit events of them' },
  { id: 'webhook', name: 'webhook', promise: 'the API server posts its events to the receiver' },
  { id: 'tls', name: 'TLS', promise: 'the receiver lets the API server in, as the cluster that it is' },
  { id: 'spool', name: 'spool', promise: 'the receiver puts them on disk' },
  { id: 'pipeline', name: 'pipeline', promise: 'the receiver makes of each what Wazuh reads' },
  { id: 'socket', name: 'socket', promise: 'Wazuh’s queue takes them' },
  { id: 'daemon', name: 'daemon', promise: 'wazuh-analysisd works them off' },
  { id: 'rule', name: 'rule', promise: 'a rule makes an alert of them' },
  { id: 'alerts', name: 'alerts.json', promise: 'the alert is written' },
  { id: 'archive', name: 'archive', promise: 'the event is archived, where that is switched on' },
] as const;

export type HopId = (typeof HOPS)[number]['id'];

/** What was found out about one hop for one event. */
export type HopFinding = { readonly hop: HopId; readonly latencyMs?: number; readonly seen: string } & (
  | { readonly state: 'ok' }
  /** Here it ended. */
  | { readonly state: 'broken'; readonly next: string }
  /** It may be well: from here nobody can tell. */
  | { readonly state: 'unseen' }
  /** Something before it is broken. */
  | { readonly state: 'not-reached' }
);

export function brokenHop(findings: readonly HopFinding[]): Extract<HopFinding, { state: 'broken' }> | undefined {
  return findings.find((finding) => finding.state === 'broken');
}

/** Nothing is broken, and the receiver or Wazuh said that it came. */
export function isProved(findings: readonly HopFinding[]): boolean {
  const isOk = (hop: HopId): boolean => findings.some((finding) => finding.hop === hop && finding.state === 'ok');
  return brokenHop(findings) === undefined && (isOk('socket') || isOk('alerts') || isOk('archive'));
}
