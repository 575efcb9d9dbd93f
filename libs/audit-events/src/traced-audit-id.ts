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
const MEMBER = Buffer.from('"auditID":"');
const PREFIX = Buffer.from(TRACED_AUDIT_ID_PREFIX);
const KEY = new RegExp(`^"auditID":"(${TRACED_AUDIT_ID_PREFIX}[A-Za-z0-9-]{1,64})","stage":"([A-Za-z]{1,32})"`);

/**
 * Which traced event these bytes begin with; undefined for every other. It stands in the way of each event that comes in: the first bytes are gone
 * through one by one (a call of `Buffer.indexOf` alone costs five times as much), nothing is parsed.
 */
export function tracedKeyOf(item: Uint8Array): TracedKey | undefined {
  const end = Math.min(item.byteLength, WITHIN_BYTES);
  for (let at = 0; at < end; at++) {
    if (!holds(item, at, MEMBER)) continue;
    if (!holds(item, at + MEMBER.length, PREFIX)) return undefined;
    const text = Buffer.from(item.buffer, item.byteOffset + at, end - at).toString('latin1');
    const [, auditId, stage] = KEY.exec(text) ?? [];
    return auditId === undefined || stage === undefined ? undefined : { auditId, stage };
  }
  return undefined;
}

function holds(item: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index++) if (item[at + index] !== expected[index]) return false;
  return true;
}
