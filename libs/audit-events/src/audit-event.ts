/**
 * The audit event as kube-apiserver writes it: audit.k8s.io/v1, every field of k8s.io/apiserver v0.36.3
 * pkg/apis/audit/v1/types.go. Field order is the wire order of Go's encoder.
 *
 * What a client decides is marked "client": an attacker with any credential, and for some fields without one, writes what
 * they like there. Everything else is the API server's own word.
 */

/** How much of a request is recorded, as the audit policy says. `None` is never sent. */
export type Level = 'None' | 'Metadata' | 'Request' | 'RequestResponse';

/** When in the request's life the event was made. A failed authentication is only ever `ResponseStarted`. */
export type Stage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

export const LEVELS: readonly Level[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
export const STAGES: readonly Stage[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** A value of a request or response body. Mostly a Kubernetes object; an array for a JSON Patch; a string where a cloud's export cut it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export interface AuditEvent {
  /** Absent inside an EventList; `audit.k8s.io/v1` and `Event` on a line of the audit log. */
  readonly kind?: string;
  readonly apiVersion?: string;
  /** The level it was made at; a value outside `Level` is kept, newer API servers may know more. */
  readonly level: Level | (string & {});
  /** Client: the `Audit-ID` header verbatim, any string of any length. Never a key on its own. */
  readonly auditID: string;
  readonly stage: Stage | (string & {});
  /** Client: path and query as sent, unbounded (Go's header limit is 1 MiB); may carry credentials in the query. */
  readonly requestURI: string;
  /** The Kubernetes verb; the lower-cased HTTP method where there is no resource. A websocket exec has `get`. */
  readonly verb: string;
  /** Who the API server authenticated; `{}` on a 401. */
  readonly user: UserInfo;
  /** Client, within what RBAC lets `user` impersonate. The audit policy never matches this one. */
  readonly impersonatedUser?: UserInfo;
  /** Since Kubernetes 1.35. */
  readonly authenticationMetadata?: AuthenticationMetadata;
  /** Client, all but the last: X-Forwarded-For, X-Real-Ip, and at the end the peer's own address. */
  readonly sourceIPs?: readonly string[];
  /** Client: cut at 1,024 bytes with `...TRUNCATED` behind it. */
  readonly userAgent?: string;
  /** Absent where the request names no resource. List and watch have it, without `name`. */
  readonly objectRef?: ObjectReference;
  /** Absent at `RequestReceived`. */
  readonly responseStatus?: ResponseStatus;
  /** Client: from level Request up. An array for a JSON Patch, a string where AKS replaced it. */
  readonly requestObject?: JsonValue;
  /** At level RequestResponse; holds what clients stored. */
  readonly responseObject?: JsonValue;
  /** RFC 3339 with six fraction digits. Both times are equal at `RequestReceived`; stage times are not monotonic. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  /** Keys contain dots and slashes. Admission webhooks write here too, and their text may repeat what a client sent. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Ours, never the API server's: bodies that the scanner left out of an item over its limits (`without-bodies.ts`). */
  readonly omittedBodies?: string;
}

/** authentication.k8s.io/v1 UserInfo; every field may be missing. */
export interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** How an impersonation was allowed: `impersonate:user-info`, `impersonate:serviceaccount`, `impersonate:arbitrary-node`, … */
export interface AuthenticationMetadata {
  readonly impersonationConstraint?: string;
}

/** The core group has no `apiGroup`. For a create the name comes from the body, so `generateName` leaves it empty. */
export interface ObjectReference {
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiGroup?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly subresource?: string;
}

/** metav1.Status; `code` alone on success. */
export interface ResponseStatus {
  readonly metadata?: JsonObject;
  readonly status?: string;
  /** May quote what the client sent. */
  readonly message?: string;
  readonly reason?: string;
  readonly details?: JsonObject;
  readonly code?: number;
}

/** What the webhook posts. `metadata` is always `{}`; the items have neither kind nor apiVersion. */
export interface EventList {
  readonly kind: 'EventList';
  readonly apiVersion: string;
  readonly metadata?: JsonObject;
  readonly items: readonly AuditEvent[];
}
