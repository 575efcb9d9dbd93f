import { expect, it } from 'vitest';
import { averageEventRate, parseAuditCounters } from './metrics.ts';

// As kube-apiserver 1.35.4 prints them.
const TEXT = `# HELP apiserver_audit_error_total [ALPHA] Counter of audit events that failed to be audited properly.
# TYPE apiserver_audit_error_total counter
apiserver_audit_error_total{plugin="buffered"} 7
apiserver_audit_error_total{plugin="webhook"} 300
# TYPE apiserver_audit_event_total counter
apiserver_audit_event_total 5000
# TYPE apiserver_request_total counter
apiserver_request_total{code="200",component="apiserver",verb="GET"} 1.2e+03
apiserver_request_total{code="201",component="apiserver",verb="POST"} 800
apiserver_request_total_other 5
process_start_time_seconds 1.7e+09
`;

it('reads what was made, what was given up and by whom, and since when', () => {
  expect(parseAuditCounters(TEXT)).toEqual({
    events: 5_000,
    errors: { buffered: 7, webhook: 300 },
    requests: 2_000,
    startedAtMs: 1.7e12,
  });
  expect(parseAuditCounters('')).toEqual({ events: 0, errors: {}, requests: 0, startedAtMs: 0 });
});

it('averages events where there are some, else two a request; nothing of the first minute', () => {
  const counters = parseAuditCounters(TEXT);
  expect(averageEventRate(counters, 1.7e12 + 100_000)).toBe(50);
  expect(averageEventRate({ ...counters, events: 0 }, 1.7e12 + 100_000)).toBe(40);
  expect(averageEventRate(counters, 1.7e12 + 59_000)).toBeUndefined();
});
