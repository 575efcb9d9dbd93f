import { expect, it } from 'vitest';
import { parseAuditCounters } from './audit-counters.ts';

it('reads what an API server counts of its audit events', () => {
  expect(
    parseAuditCounters(`# HELP apiserver_audit_event_total [ALPHA] Counter of audit events generated and sent to the audit backend.
# TYPE apiserver_audit_event_total counter
apiserver_audit_event_total 1234
# TYPE apiserver_audit_error_total counter
apiserver_audit_error_total{plugin="buffered"} 2
apiserver_audit_error_total{plugin="webhook"} 30
apiserver_audit_error_total{plugin="log"} 0
apiserver_audit_requests_rejected_total 9
`),
  ).toEqual({ events: 1234, errors: { buffered: 2, webhook: 30 } });
});

it('reads large numbers as Go prints them', () => {
  expect(parseAuditCounters('apiserver_audit_event_total 1.5e+06\n').events).toBe(1_500_000);
});

it('takes absent counters for zero', () => {
  expect(parseAuditCounters('')).toEqual({ events: 0, errors: {} });
});
