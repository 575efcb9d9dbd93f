/**
 * An event's way through the receiver, top to bottom. Nothing else in this app decides what happens to an event;
 * `service.ts` only hands in the real disk, socket and clock.
 *
 *   POST /CLUSTER[/APISERVER] -> accept:  scan the list as it arrives -> redact -> append (on disk) -> 200
 *   loop                      -> deliver: spool -> parse -> dedupe -> shape -> datagram -> Wazuh -> advance the cursor
 */
import { createHash } from 'node:crypto';
import { type AuditEvent, parseAuditEvent, type RefusedItem, type ScanEnd, type ScannedItem } from '@k8s-audit/audit-events';
import type { Books } from './books.ts';
import type { QuarantinedItem } from './quarantine.ts';
import { decodeRecord, encodeOrigin, encodeRecord, type Origin, type SpooledItem } from './spool-record.ts';

/** What `accept` needs from the outside. */
export interface Intake {
  readonly newScanner: () => { push(chunk: Uint8Array): readonly ScannedItem[]; end(): ScanEnd };
  /** Takes what can open a door out of an item. Only items that the scanner calls sensitive come here. */
  readonly redact: (item: Buffer) => Buffer;
  /** Resolves when every record is on disk: only then may the API server be told 200. */
  readonly append: (records: readonly Uint8Array[]) => Promise<void>;
  readonly quarantine: (items: readonly QuarantinedItem[]) => Promise<void>;
  readonly books: Books;
  readonly now: () => number;
}

/** `stored`: answer 200, whatever was odd about some items. `no-event`: answer 400, nothing in the body was an event. */
export type Accepted =
  | { readonly kind: 'stored'; readonly events: number; readonly quarantined: number; readonly broken?: string }
  | { readonly kind: 'no-event'; readonly reason: string };

/**
 * Takes the body of one request. Returns when every event in it is on disk.
 *
 * kube-apiserver sends a refused batch five times and then drops all of it, so one odd item never refuses a batch:
 * the items around it are kept, it goes to the quarantine, and a list that breaks at item n keeps the items before n.
 *
 * @throws {Failure} of the spool (`SPOOL_FULL` and errors of the disk): answered 503, nothing counted
 */
export async function accept(body: AsyncIterable<Uint8Array>, origin: Origin, intake: Intake): Promise<Accepted> {
  const scanner = intake.newScanner();
  const header = encodeOrigin(origin, intake.now());
  const records: Buffer[] = [];
  const odd: QuarantinedItem[] = [];

  for await (const chunk of body) {
    for (const item of scanner.push(chunk)) {
      if (item.kind === 'refused') odd.push(asQuarantined(item, origin));
      else records.push(encodeRecord(header, item.sensitive ? intake.redact(item.bytes) : item.bytes));
    }
  }
  const end = scanner.end();
  if (end.kind === 'no-event') return { kind: 'no-event', reason: end.reason ?? 'the body holds no audit event' };

  if (odd.length > 0) await intake.quarantine(odd);
  await intake.append(records);

  const books = intake.books.of(origin);
  books.received += records.length + odd.length;
  books.quarantined += odd.length;
  return {
    kind: 'stored',
    events: records.length,
    quarantined: odd.length,
    ...(end.kind === 'broken' ? { broken: end.reason ?? 'broken' } : {}),
  };
}

/** A record of the spool, as its reader hands it out. */
export interface SpoolRecord<Position> {
  readonly position: Position;
  readonly bytes: Uint8Array;
}

/** What `deliver` needs from the outside. */
export interface Outlet<Position> {
  /** Oldest first; waits while there is none; empty only when the service stops. */
  readonly next: () => Promise<readonly SpoolRecord<Position>[]>;
  /** The record was handed out before and is read again after a rewind. */
  readonly isRepeat: (position: Position) => boolean;
  /** The event came before, at another position of the spool. */
  readonly isDuplicate: (key: Uint8Array, position: Position) => boolean;
  readonly keyOf: (event: AuditEvent, origin: Origin) => Uint8Array;
  /** The finished datagram of one event. */
  readonly datagramOf: (event: AuditEvent, item: SpooledItem) => Uint8Array;
  /** Resolves when Wazuh's socket took all of them, or when its reader has changed in between. */
  readonly send: (datagrams: readonly Uint8Array[]) => Promise<{ readonly kind: 'sent' } | { readonly kind: 'reader-restarted' }>;
  /** Goes back before everything that the old reader may have taken along, and before the batch in hand. */
  readonly rewind: (batch: readonly SpoolRecord<Position>[]) => void;
  /** After this the records up to the position are not delivered again, and the keys are remembered. */
  readonly commit: (upTo: Position, keys: readonly Uint8Array[]) => Promise<void>;
  readonly quarantine: (items: readonly QuarantinedItem[]) => Promise<void>;
  readonly books: Books;
}

/**
 * Delivers until `next` ends. At least once: a crash between `send` and `commit` sends a batch twice, never none.
 * A record that cannot be shaped goes to the quarantine: it must not stop the ones behind it.
 */
export async function deliver<Position>(outlet: Outlet<Position>): Promise<void> {
  for (;;) {
    const batch = await outlet.next();
    const last = batch.at(-1);
    if (last === undefined) return;

    const prepared = batch.map((record) => prepare(record, outlet));
    const datagrams = prepared.flatMap((each) => (each.kind === 'datagram' ? [each.datagram] : []));
    if (datagrams.length > 0) {
      const outcome = await outlet.send(datagrams);
      if (outcome.kind === 'reader-restarted') {
        outlet.rewind(batch);
        continue;
      }
    }
    const odd = prepared.flatMap((each) => (each.kind === 'odd' ? [each.note] : []));
    if (odd.length > 0) await outlet.quarantine(odd);
    await outlet.commit(
      last.position,
      prepared.flatMap((each) => (each.kind === 'datagram' ? [each.key] : [])),
    );
    for (const each of prepared) settle(each, outlet.books);
  }
}

type Prepared = { readonly origin: Origin; readonly isRepeat: boolean } & (
  | { readonly kind: 'datagram'; readonly datagram: Uint8Array; readonly key: Uint8Array }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'odd'; readonly note: QuarantinedItem }
);

function prepare<Position>(record: SpoolRecord<Position>, outlet: Outlet<Position>): Prepared {
  const item = decodeRecord(record.bytes);
  const { origin } = item;
  const isRepeat = outlet.isRepeat(record.position);
  try {
    const parsed = parseAuditEvent(item.item);
    if (parsed.kind === 'refused') return { kind: 'odd', origin, isRepeat, note: noteOf(item, parsed.reason) };
    const key = outlet.keyOf(parsed.event, origin);
    if (outlet.isDuplicate(key, record.position)) return { kind: 'duplicate', origin, isRepeat };
    return { kind: 'datagram', origin, isRepeat, key, datagram: outlet.datagramOf(parsed.event, item) };
  } catch (error) {
    // Whatever the pipeline trips over stays one event's trouble.
    return { kind: 'odd', origin, isRepeat, note: noteOf(item, `pipeline: ${error instanceof Error ? error.message : String(error)}`) };
  }
}

function settle(prepared: Prepared, all: Books): void {
  const books = all.of(prepared.origin);
  if (prepared.isRepeat) {
    if (prepared.kind === 'datagram') books.resent++;
    return;
  }
  if (prepared.kind === 'datagram') books.delivered++;
  else if (prepared.kind === 'duplicate') books.duplicate++;
  else books.quarantined++;
}

function asQuarantined(item: RefusedItem, origin: Origin): QuarantinedItem {
  return { origin, place: 'accept', reason: item.reason, index: item.index, byteLength: item.byteLength, sha256: item.sha256 };
}

function noteOf({ origin, item }: SpooledItem, reason: string): QuarantinedItem {
  return { origin, place: 'deliver', reason, byteLength: item.length, sha256: createHash('sha256').update(item).digest('hex') };
}
