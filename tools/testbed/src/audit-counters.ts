/** What an API server says of its own audit events (k8s.io/apiserver pkg/audit/metrics.go). */
export interface AuditCounters {
  /** Events generated and handed to the back ends, also those that were dropped later. */
  readonly events: number;
  /** Events lost, by the plugin that lost them (`buffered`, `webhook`, `truncate`, `log`); a plugin without losses is absent. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Reads the counters from the text of `/metrics`. Absent counters are zero: a counter appears with its first event. */
export function parseAuditCounters(metricsText: string): AuditCounters {
  let events = 0;
  const errors: Record<string, number> = {};
  for (const line of metricsText.split('\n')) {
    const [, name, labels = '', value] = /^(apiserver_audit_(?:event|error)_total)(\{[^}]*\})? (\S+)/.exec(line) ?? [];
    if (name === 'apiserver_audit_event_total') events += Number(value);
    const plugin = /plugin="([^"]*)"/.exec(labels)?.[1];
    if (name === 'apiserver_audit_error_total' && plugin !== undefined && Number(value) > 0)
      errors[plugin] = (errors[plugin] ?? 0) + Number(value);
  }
  return { events, errors };
}
