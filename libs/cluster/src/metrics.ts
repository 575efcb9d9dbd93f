/** What an API server says of its own audit events since it started. All ALPHA metrics: a later version may name them otherwise. */
export interface AuditCounters {
  /** Made, whether or not they were sent. */
  readonly events: number;
  /** Not handed on, by the part that gave up: `buffered` (its buffer was full), `webhook` (five attempts), `log`, `truncate`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Requests of any kind. */
  readonly requests: number;
  readonly startedAtMs: number;
}

/** @param text of `/metrics` of kube-apiserver (k8s.io/apiserver v0.36.3 pkg/audit/metrics.go) */
export function parseAuditCounters(text: string): AuditCounters {
  const errors: Record<string, number> = {};
  for (const [labels, value] of samplesOf(text, 'apiserver_audit_error_total')) {
    const plugin = /plugin="([^"]*)"/.exec(labels)?.[1] ?? '';
    errors[plugin] = (errors[plugin] ?? 0) + value;
  }
  return {
    events: sumOf(text, 'apiserver_audit_event_total'),
    errors,
    requests: sumOf(text, 'apiserver_request_total'),
    startedAtMs: 1_000 * sumOf(text, 'process_start_time_seconds'),
  };
}

/** A request makes at most two events unless the policy keeps RequestReceived, which none of ours does. */
const EVENTS_A_REQUEST = 2;

/**
 * Audit events a second of one API server, on average since it started: counted where it audits already, else as its requests allow.
 *
 * @returns undefined: it has run for less than a minute, which says nothing
 */
export function averageEventRate({ events, requests, startedAtMs }: AuditCounters, nowMs: number): number | undefined {
  const seconds = (nowMs - startedAtMs) / 1_000;
  if (!(seconds >= 60)) return undefined;
  return (events > 0 ? events : EVENTS_A_REQUEST * requests) / seconds;
}

function sumOf(text: string, name: string): number {
  return samplesOf(text, name).reduce((sum, [, value]) => sum + value, 0);
}

function samplesOf(text: string, name: string): readonly (readonly [labels: string, value: number])[] {
  return [...text.matchAll(new RegExp(`^${name}(\\{[^\\n]*\\})? (\\S+)`, 'gm'))].map(([, labels = '', value]) => [labels, Number(value)]);
}
