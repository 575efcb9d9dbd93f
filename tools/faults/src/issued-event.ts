import { createHash } from 'node:crypto';

/** What marks one run's events: a token that no other run has, and the time from which their microseconds count. */
export interface IssueSeries {
  readonly token: string;
  readonly startMs: number;
}

export interface IssueOptions {
  /** Roughly so many bytes in the request body. Default: some dozen. */
  readonly bodyBytes?: number;
  readonly stage?: 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete';
}

/**
 * The event of a number: everything in it follows from the number, so that whatever comes out at the far end can be held
 * against what was issued without keeping it.
 */
export function issueEvent({ token, startMs }: IssueSeries, id: number, options: IssueOptions = {}): Readonly<Record<string, unknown>> {
  const digest = createHash('sha256').update(`${token} ${id}`).digest('hex');
  const at = (microsecond: number): string =>
    new Date(startMs + Math.floor(id / 1000)).toISOString().replace('Z', `${String((id + microsecond) % 1000).padStart(3, '0')}Z`);
  const body = digest.repeat(Math.ceil((options.bodyBytes ?? 0) / digest.length)).slice(0, options.bodyBytes ?? 0);
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Request',
    auditID: auditIdOf(token, id),
    stage: options.stage ?? 'ResponseComplete',
    requestURI: `/api/v1/namespaces/ns-${id % 7}/configmaps/${digest.slice(0, 32)}`,
    verb: 'create',
    user: { username: `user-${digest.slice(32, 40)}`, groups: ['system:authenticated'] },
    sourceIPs: ['10.1.2.3'],
    userAgent: `oracle/${digest.slice(40)}`,
    objectRef: { resource: 'configmaps', namespace: `ns-${id % 7}`, name: digest.slice(0, 32), apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestObject: { kind: 'ConfigMap', apiVersion: 'v1', data: { id: String(id), digest, body } },
    requestReceivedTimestamp: at(1),
    stageTimestamp: at(2),
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  };
}

export function auditIdOf(token: string, id: number): string {
  return `${token}-${id}`;
}

/** The number in an audit ID of this series; undefined for any other. */
export function numberOf({ token }: IssueSeries, auditID: string): number | undefined {
  if (!auditID.startsWith(`${token}-`)) return undefined;
  const id = Number(auditID.slice(token.length + 1));
  return Number.isSafeInteger(id) ? id : undefined;
}

/** SHA-256 of all that the issuer decided about an event. Bodies count as they are, whatever their notation. */
export function digestIssued(event: Readonly<Record<string, unknown>>): string {
  return digestOf(event, event['requestObject']);
}

/** The same digest, of an event as Wazuh gets it (wire event version 1). */
export function digestDelivered(k8s: Readonly<Record<string, unknown>>): string {
  return digestOf(k8s, typeof k8s['request'] === 'string' ? parseBody(k8s['request']) : undefined);
}

function digestOf(event: Readonly<Record<string, unknown>>, body: unknown): string {
  const user = event['user'] as { readonly username?: unknown } | undefined;
  const reference = event['objectRef'] as { readonly name?: unknown; readonly namespace?: unknown } | undefined;
  const status = event['responseStatus'] as { readonly code?: unknown } | undefined;
  const parts = [
    ...['auditID', 'stage', 'level', 'requestURI', 'verb', 'userAgent', 'requestReceivedTimestamp', 'stageTimestamp'].map(
      (name) => event[name],
    ),
    user?.username,
    reference?.namespace,
    reference?.name,
    // The wire event writes numbers as strings.
    String(status?.code),
    body,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A trimmed body is no JSON any more: it differs, and that is what the digest has to say.
    return text;
  }
}
