/**
 * An audit ID that begins so belongs to a request of ours (`canary`, `drill`), and its events are followed on their way. kube-apiserver takes the ID
 * that a client sends in the header `Audit-ID` (k8s.io/apiserver pkg/endpoints/filters/audit_init.go), so no event needs to be marked otherwise.
 */
export const TRACED_AUDIT_ID_PREFIX = 'k8s-audit-trace-';

export interface TracedKey {
  readonly auditId: string;
  readonly stage: string;
}

/** Go writes kind, apiVersion and level before the audit ID, and the stage behind it. */
const WITHIN_BYTES = 256;
const MARK = Buffer.from(`"auditID":"${TRACED_AUDIT_ID_PREFIX}`);
const KEY = new RegExp(`"auditID":"(${TRACED_AUDIT_ID_PREFIX}[A-Za-z0-9-]{1,64})","stage":"([A-Za-z]{1,32})"`);

/**
 * Which traced event these bytes begin with; undefined for every other. Cheap enough for each event that comes in: the first bytes are searched,
 * nothing is parsed.
 */
export function tracedKeyOf(item: Uint8Array): TracedKey | undefined {
  const head = Buffer.from(item.buffer, item.byteOffset, Math.min(item.byteLength, WITHIN_BYTES));
  if (!head.includes(MARK)) return undefined;
  const [, auditId, stage] = KEY.exec(head.toString('latin1')) ?? [];
  return auditId === undefined || stage === undefined ? undefined : { auditId, stage };
}
