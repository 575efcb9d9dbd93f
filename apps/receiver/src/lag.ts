/** kube-apiserver writes it in every event, behind the bodies' begin but before the annotations: the last one in the text is the event's own. */
const STAGE_TIMESTAMP = Buffer.from('"stageTimestamp":"');
const TIMESTAMP_BYTES = 27; // 2026-01-02T15:04:05.123456Z

/**
 * How long ago the API server made an event. For a person who looks at a status: it is searched for and not parsed, because this stands
 * in the way of every request; a client that writes the word into its own object only falsifies its own figure.
 */
export function lagOf(record: Uint8Array | undefined, nowMs: number): number | undefined {
  if (record === undefined) return undefined;
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const at = bytes.lastIndexOf(STAGE_TIMESTAMP);
  if (at === -1) return undefined;
  const madeMs = Date.parse(bytes.toString('latin1', at + STAGE_TIMESTAMP.length, at + STAGE_TIMESTAMP.length + TIMESTAMP_BYTES));
  return Number.isNaN(madeMs) ? undefined : Math.max(0, nowMs - madeMs);
}
