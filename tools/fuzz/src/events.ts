/**
 * Recorded lists with random damage, through the scanner, the redaction and the wire event. What must hold for any bytes:
 * the same items however the chunks are cut, JSON.parse's items for well-formed lists, nothing thrown, nothing longer than a
 * datagram, and always one valid document.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { EventListScanner, parseAuditEvent, type ScannedItem } from '@k8s-audit/audit-events';
import {
  DEFAULT_REDACTION,
  dedupeKey,
  NO_TRUSTED_PROXIES,
  needsRedaction,
  redactItem,
  shapeGuideEvent,
  shapeWireEvent,
} from '@k8s-audit/event-pipeline';
import fc from 'fast-check';
import type { Target } from './target.ts';

const RECORDED = new URL('../../../fixtures/recorded/', import.meta.url);
const BUDGET_BYTES = 65_529;

export const fuzzEvents: Target = async ({ milliseconds, seed }) => {
  const bodies = recordedBodies();
  let runs = 0;
  fc.assert(
    fc.property(fc.constantFrom(...bodies), damages, pieces, (body, changes, sizes) => {
      runs += 1;
      checkBody(changes.reduce(damaged, body), sizes);
    }),
    { seed, interruptAfterTimeLimit: milliseconds, numRuns: Number.MAX_SAFE_INTEGER, markInterruptAsFailure: false },
  );
  return `${runs} damaged lists, every promise kept`;
};

/** Short lists: most damage is done within one event. */
function recordedBodies(): readonly Buffer[] {
  const lines = ['guide-policy', 'request-response'].flatMap((name) =>
    readFileSync(new URL(`${name}.eventlists.jsonl`, RECORDED), 'utf8')
      .trim()
      .split('\n'),
  );
  const items = lines.flatMap((line) => JSON.parse(line).items as object[]);
  return Array.from({ length: 400 }, (_, index) => {
    const some = [0, 1, 2].map((offset) => items[(index * 9 + offset * 1_201) % items.length]);
    return Buffer.from(JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: some }));
  });
}

interface Damage {
  readonly at: number;
  readonly removed: number;
  readonly inserted: Uint8Array;
}

const structural = fc.constantFrom(
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\u0000',
  '\\ud800',
  '"items":[',
  '"auditID":"x"',
  '"__proto__":',
  'null',
  '[[[[',
  '1e999',
  '"kind":"Secret",',
);
const damages = fc.array(
  fc.record({
    at: fc.nat(),
    removed: fc.nat({ max: 30 }),
    inserted: fc.oneof(
      structural.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 8 }),
    ),
  }),
  { maxLength: 4 },
);
const pieces = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 6 });

function damaged(body: Buffer, { at, removed, inserted }: Damage): Buffer {
  const start = at % (body.length + 1);
  return Buffer.concat([body.subarray(0, start), inserted, body.subarray(Math.min(body.length, start + removed))]);
}

function checkBody(body: Buffer, sizes: readonly number[]): void {
  const whole = scan(body, [body.length]);
  deepStrictEqual(scan(body, sizes), whole);
  const parsed = parsedItems(body);
  if (parsed !== undefined) {
    deepStrictEqual(
      whole.items.flatMap((item) => (item.kind === 'event' ? [JSON.parse(item.bytes.toString())] : [])),
      parsed.filter(hasAuditId),
    );
  }
  for (const item of whole.items) if (item.kind === 'event') checkItem(item.bytes, item.sensitive);
}

function scan(body: Buffer, sizes: readonly number[]): { readonly items: readonly ScannedItem[]; readonly end: unknown } {
  const scanner = new EventListScanner({ isSensitive: (item, members) => needsRedaction(item, members, DEFAULT_REDACTION) });
  const items: ScannedItem[] = [];
  for (let at = 0, piece = 0; at < body.length; piece += 1) {
    const size = sizes[piece % sizes.length] as number;
    items.push(...scanner.push(Buffer.from(body.subarray(at, at + size))));
    at += size;
  }
  return { items, end: scanner.end() };
}

/** The items of a list that JSON.parse takes and whose keys are there once, in the recorded order. */
function parsedItems(body: Buffer): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    const isPlain =
      typeof parsed === 'object' && parsed !== null && JSON.stringify(Object.keys(parsed)) === '["kind","apiVersion","metadata","items"]';
    const { kind, apiVersion, items } = parsed as { kind?: unknown; apiVersion?: unknown; items?: unknown };
    // A second `items` gives out its events too, which JSON.parse forgets.
    const isOnce = body.indexOf('"items":[') === body.lastIndexOf('"items":[');
    const isAudit = kind === 'EventList' && String(apiVersion).startsWith('audit.k8s.io/');
    return isPlain && isOnce && isAudit && Array.isArray(items) ? items : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function hasAuditId(item: unknown): boolean {
  return (
    typeof item === 'object' &&
    item !== null &&
    !Array.isArray(item) &&
    typeof (item as { auditID?: unknown }).auditID === 'string' &&
    (item as { auditID: string }).auditID !== ''
  );
}

function checkItem(bytes: Buffer, sensitive: boolean): void {
  const redacted = redactItem(bytes, DEFAULT_REDACTION);
  deepStrictEqual(redactItem(redacted.bytes, DEFAULT_REDACTION).bytes, redacted.bytes, 'a second redaction changes nothing');
  const stored = sensitive ? redacted.bytes : bytes;
  const parsed = parseAuditEvent(stored);
  if (parsed.kind === 'refused') return;
  ok(dedupeKey('c', parsed.event).length === 16);
  const context = { cluster: 'c', nowMs: 0, trustedProxies: NO_TRUSTED_PROXIES, budgetBytes: BUDGET_BYTES };
  for (const { json } of [shapeWireEvent(parsed.event, context), shapeGuideEvent(stored, context)]) {
    ok(Buffer.byteLength(json) <= BUDGET_BYTES);
    JSON.parse(json);
  }
}
