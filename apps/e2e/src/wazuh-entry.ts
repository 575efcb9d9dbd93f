/** A line of alerts.json or archives.json, as far as the tests look at it. Alerts always have a rule. */
export interface WazuhEntry {
  /** When Wazuh processed it, as `2026-11-24T04:24:03.123+0000`. */
  readonly timestamp: string;
  readonly rule?: { readonly id: string; readonly level: number; readonly description: string; readonly groups?: readonly string[] };
  readonly agent: { readonly id: string; readonly name: string };
  readonly location: string;
  readonly full_log?: string;
  readonly decoder?: { readonly name?: string };
  /** Absent when the message was no JSON, or was cut. */
  readonly data?: { readonly srcip?: string; readonly apiVersion?: string; readonly k8s?: WireEvent };
}

/**
 * The fields of our wire event (docs/reference/wire-event.md) that the tests name. Wazuh's JSON decoder makes text of every number and
 * boolean; an array stays one in the JSON output.
 */
export interface WireEvent {
  readonly cluster?: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly auditID?: string;
  /** In a health event, which is about the receiver and no audit event. */
  readonly health?: { readonly kind: string; readonly state: string };
  readonly stage?: string;
  readonly verb?: string;
  readonly requestURI?: string;
  readonly user?: { readonly username?: string };
  readonly sourceIPs?: readonly string[];
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: string };
  readonly requestReceivedTimestamp?: string;
  readonly stageTimestamp?: string;
  readonly trimmed?: string;
}

/** Says of an entry what a person needs to recognise it in a failed test. */
export function describeEntry({ rule, agent, data }: WazuhEntry): string {
  const { verb, objectRef = {}, user, responseStatus, stage } = data?.k8s ?? {};
  const target = [objectRef.resource, objectRef.subresource, objectRef.namespace, objectRef.name]
    .filter((part) => part !== undefined)
    .join('/');
  const by = rule === undefined ? 'no rule' : `rule ${rule.id} level ${rule.level}`;
  return `${by}: ${user?.username ?? 'nobody'} ${verb ?? '?'} ${target || '(no object)'} ${responseStatus?.code ?? '-'} ${stage ?? ''} [${agent.name}]`;
}

/** Wazuh writes its times with `+0000`, which `Date` does not read. */
export function timeMs(text: string): number {
  return Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
}
