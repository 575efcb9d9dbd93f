/**
 * kube-apiserver closes its webhook queue while its own watches still end: those last events it drops, and says so, one message each
 * (k8s.io/apiserver v0.35.4 plugin/pkg/audit/buffered/buffered.go, "audit backend shut down"; pkg/audit/metrics.go HandlePluginError):
 *
 *     E1124 05:18:10.426957   17103 metrics.go:110] Error in audit plugin 'buffered' affecting 1 audit events: audit backend shut down
 *     Impacted events:
 *     2026-11-24T05:17:43.427566333Z AUDIT: id="d021d5c2-…" stage="ResponseComplete" ip="127.0.0.1" method="watch" …
 *
 * No webhook can receive them. Any other reason for a drop is a loss, and is not read here.
 */
const GIVEN_UP =
  /Error in audit plugin 'buffered' affecting (\d+) audit events: audit backend shut down\nImpacted events:\n((?:\S+ AUDIT: id=.*\n)+)/g;
const EVENT = /^\S+ AUDIT: id=("(?:[^"\\]|\\.)*") stage=("(?:[^"\\]|\\.)*")/gm;

export interface EventName {
  readonly auditID: string;
  readonly stage: string;
}

/** The events that an API server says it gave up because it was ending. @param log the text of its own log */
export function parseSurrendered(log: string): readonly EventName[] {
  return [...log.matchAll(GIVEN_UP)].flatMap(([message, count, lines = '']) => {
    const events = [...lines.matchAll(EVENT)].map(([, id = '""', stage = '""']) => ({ auditID: unquote(id), stage: unquote(stage) }));
    if (events.length !== Number(count)) throw new Error(`${count} events announced, ${events.length} read: ${message}`);
    return events;
  });
}

/** Go's %q of ordinary text is a JSON string. */
function unquote(text: string): string {
  return JSON.parse(text) as string;
}
