import assert from 'node:assert/strict';
import type { ExpectedRule } from './runs.ts';
import type { TrailEntry } from './trail.ts';
import { describeEntry, timeMs, type WazuhEntry } from './wazuh-entry.ts';

/** Clocks of the cluster and of this machine may differ by so much. */
const CLOCK_SKEW_MS = 5_000;
/** A batch waits a second at most, and a loaded machine takes its time. */
const ALERT_WITHIN_MS = 60_000;

export function entriesOf(entries: readonly WazuhEntry[], auditId: string): readonly WazuhEntry[] {
  return entries.filter((entry) => entry.data?.k8s?.auditID === auditId);
}

/** The same without RequestReceived, which a policy may leave out: what the API server made of the request. */
export function answersOf(entries: readonly WazuhEntry[], auditId: string): readonly WazuhEntry[] {
  return entriesOf(entries, auditId).filter((entry) => entry.data?.k8s?.stage !== 'RequestReceived');
}

/** The one entry; a failed assertion lists what is there instead. */
export function theOnly(entries: readonly WazuhEntry[], what: string): WazuhEntry {
  const [entry] = entries;
  assert.ok(entry !== undefined && entries.length === 1, `${what}: expected one, found ${entries.length}${list(entries)}`);
  return entry;
}

export function none(entries: readonly WazuhEntry[], what: string): void {
  assert.ok(entries.length === 0, `${what}: expected none, found ${entries.length}${list(entries)}`);
}

export function assertRule(entry: WazuhEntry, expected: ExpectedRule): void {
  const { id, level, description } = entry.rule ?? {};
  assert.deepEqual({ id, level }, { id: expected.id, level: expected.level }, `not the rule that should win: ${describeEntry(entry)}`);
  if (expected.description instanceof RegExp) assert.match(description ?? '', expected.description);
  else assert.equal(description, expected.description);
}

/** The event happened while the request was on its way, and Wazuh saw it soon after. */
export function assertTimes(entry: WazuhEntry, request: TrailEntry): void {
  const receivedMs = timeMs(entry.data?.k8s?.requestReceivedTimestamp ?? '');
  const completeMs = timeMs(entry.data?.k8s?.stageTimestamp ?? '');
  const alertedMs = timeMs(entry.timestamp);
  const answeredMs = request.answeredAtMs ?? Number.POSITIVE_INFINITY;
  assert.ok(receivedMs >= request.sentAtMs - CLOCK_SKEW_MS, `received ${receivedMs} before it was sent ${request.sentAtMs}`);
  assert.ok(receivedMs <= completeMs, `complete ${completeMs} before it was received ${receivedMs}`);
  assert.ok(completeMs <= answeredMs + CLOCK_SKEW_MS, `complete ${completeMs} after it was answered ${answeredMs}`);
  assert.ok(
    alertedMs >= completeMs - CLOCK_SKEW_MS && alertedMs <= completeMs + ALERT_WITHIN_MS,
    `alerted ${alertedMs}, complete ${completeMs}`,
  );
}

function list(entries: readonly WazuhEntry[]): string {
  return entries
    .slice(0, 10)
    .map((entry) => `\n    ${describeEntry(entry)}`)
    .join('');
}
