import { expect, it } from 'vitest';
import { parseSurrendered } from './surrendered.ts';

const LOG = `I1124 05:18:10.426772   17103 controller.go:176] quota evaluator worker shutdown
E1124 05:18:10.426957   17103 metrics.go:110] Error in audit plugin 'buffered' affecting 1 audit events: audit backend shut down
Impacted events:
2026-11-24T05:17:43.427566333Z AUDIT: id="d021d5c2" stage="ResponseComplete" ip="127.0.0.1" method="watch" user="system:apiserver"
I1124 05:18:10.427466   17103 repairip.go:246] Shutting down ipallocator-repair-controller
E1124 05:18:10.427513   17103 metrics.go:110] Error in audit plugin 'buffered' affecting 2 audit events: audit backend shut down
Impacted events:
2026-11-24T05:17:43.427431513Z AUDIT: id="a \\"quoted\\" one" stage="ResponseComplete" ip="127.0.0.1"
2026-11-24T05:17:43.427431513Z AUDIT: id="e8c1f52e" stage="RequestReceived" ip="127.0.0.1"
E1124 05:18:10.427692   17103 metrics.go:110] Error in audit plugin 'buffered' affecting 1 audit events: audit buffer queue blocked
Impacted events:
2026-11-24T05:17:43.427313407Z AUDIT: id="lost" stage="ResponseComplete" ip="127.0.0.1"
`;

it('reads what an API server gave up because it was ending, and no other loss', () => {
  expect(parseSurrendered(LOG)).toEqual([
    { auditID: 'd021d5c2', stage: 'ResponseComplete' },
    { auditID: 'a "quoted" one', stage: 'ResponseComplete' },
    { auditID: 'e8c1f52e', stage: 'RequestReceived' },
  ]);
});

it('does not guess when it reads fewer than were announced', () => {
  expect(() => parseSurrendered(LOG.replace('affecting 2', 'affecting 3'))).toThrow('3 events announced, 2 read');
});
