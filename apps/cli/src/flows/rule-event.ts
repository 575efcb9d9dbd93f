import { EventListScanner, parseAuditEvent } from '@k8s-audit/audit-events';
import { detect } from '@k8s-audit/detections';
import {
  DEFAULT_REDACTION,
  NO_TRUSTED_PROXIES,
  needsRedaction,
  redactItem,
  shapeGuideEvent,
  shapeWireEvent,
} from '@k8s-audit/event-pipeline';
import { clusterLocation, escapeLocation, jsonBudget, MANAGER_MAX_DATAGRAM_BYTES, PLAIN_LOCATION } from '@k8s-audit/wazuh-message';

/** How what is given becomes what Wazuh is sent. */
export interface WireOptions {
  /** `v1`: the product's wire event; `guide`: what the guide's script sends; `raw`: nothing is changed, whatever it is. */
  readonly wire: 'v1' | 'guide' | 'raw';
  /** Named in audit events and in their location. */
  readonly cluster: string;
  /** Instead of the cluster's, or of `k8s` for log lines. */
  readonly location?: string;
}

/** One event as Wazuh gets it, or why the receiver would not send it. */
export type RuleEvent =
  | {
      readonly kind: 'message';
      /** As it is meant, not escaped. */
      readonly location: string;
      readonly log: string;
      /** The audit event, credentials taken out; undefined: a log line. */
      readonly item?: string;
      /** When it happened; undefined: it does not say. */
      readonly atMs?: number;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** As Wazuh's queue takes it; what is too long Wazuh cuts, and so does the engine. */
export function datagramOf({ location, log }: Extract<RuleEvent, { kind: 'message' }>): Uint8Array {
  return Buffer.from(`1:${escapeLocation(location)}:${log}`);
}

/**
 * The events of one line: an audit event or a list of them goes the way that it takes in the receiver (redact, parse, shape, frame);
 * anything else is a log line and stays as it is, a wire event too.
 */
export function ruleEventsOf(line: string, options: WireOptions): readonly RuleEvent[] {
  const list = options.wire === 'raw' ? undefined : auditListOf(line);
  if (list === undefined) return [logLine(line, options)];
  const scanner = new EventListScanner({ isSensitive: (item, members) => needsRedaction(item, members, DEFAULT_REDACTION) });
  const items = [...scanner.push(Buffer.from(list))];
  scanner.end();
  return items.map((item): RuleEvent => {
    if (item.kind !== 'event') return { kind: 'refused', reason: `the receiver would put it into quarantine: ${item.reason}` };
    const bytes = item.sensitive ? redactItem(item.bytes, DEFAULT_REDACTION).bytes : item.bytes;
    return auditEvent(bytes, options);
  });
}

function auditEvent(bytes: Uint8Array, { wire, cluster, location }: WireOptions): RuleEvent {
  const parsed = parseAuditEvent(bytes);
  if (parsed.kind === 'refused') return { kind: 'refused', reason: `the receiver would put it into quarantine: ${parsed.reason}` };
  const place = location ?? (wire === 'guide' ? PLAIN_LOCATION : clusterLocation(cluster));
  const budgetBytes = jsonBudget(place, MANAGER_MAX_DATAGRAM_BYTES);
  const atMs = Date.parse(parsed.event.stageTimestamp);
  const nowMs = Number.isNaN(atMs) ? 0 : atMs;
  const { json } =
    wire === 'guide'
      ? shapeGuideEvent(bytes, { budgetBytes })
      : shapeWireEvent(parsed.event, { cluster, nowMs, trustedProxies: NO_TRUSTED_PROXIES, budgetBytes, detect });
  return { kind: 'message', location: place, log: json, item: Buffer.from(bytes).toString('utf8'), atMs: nowMs };
}

function logLine(log: string, { location = PLAIN_LOCATION }: WireOptions): RuleEvent {
  return { kind: 'message', location, log };
}

/**
 * What the receiver would be posted: an Event or EventList as it is, an item out of a list, which has no kind, in a list. Undefined: a log line,
 * also the wire event, which has the same kind and an object `k8s`.
 */
function auditListOf(line: string): string | undefined {
  if (!/^\s*\{/.test(line)) return undefined;
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined; // no JSON: a log line
  }
  const { kind, apiVersion, k8s, auditID, stage } = value;
  if (k8s !== undefined) return undefined;
  if ((kind === 'EventList' || kind === 'Event') && String(apiVersion).startsWith('audit.k8s.io/')) return line;
  const isItem = kind === undefined && typeof auditID === 'string' && typeof stage === 'string';
  return isItem ? `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${line}]}` : undefined;
}
