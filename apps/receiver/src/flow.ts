/**
 * An event's way through the receiver, top to bottom. Nothing else in this app decides what happens to an event;
 * `service.ts` only hands in the real disk, socket and clock.
 *
 *   POST /CLUSTER[/APISERVER] -> accept:  scan the list as it arrives -> redact -> append (on disk) -> 200
 *   loop                      -> deliver: spool -> parse -> dedupe -> shape -> datagram -> Wazuh -> advance the cursor
 */
import { createHash } from 'node:crypto';
import { type AuditEvent, parseAuditEvent, type RefusedItem, type ScanEnd, type ScannedItem } from '@k8s-audit/audit-events';
import type { SpoolRecord } from '@k8s-audit/spool';
import type { SendOutcome } from '@k8s-audit/wazuh-queue';
import type { Books, OriginBooks } from './books.ts';
import type { ReadEvent } from './event-shaping.ts';
import type { EventTrace, TracedEvent } from './event-trace.ts';
import { lagOf } from './lag.ts';
import type { QuarantinedItem } from './quarantine.ts';
import { decodeRecord, encodeOrigin, type Origin, type SpooledItem } from './spool-record.ts';

/** What `accept` needs from the outside. */
export interface Intake {
  readonly newScanner: () => { push(chunk: Uint8Array): readonly ScannedItem[]; end(): ScanEnd };
  /** Takes what can open a door out of an item; a large one takes its time elsewhere. Only items that the scanner calls sensitive come here. */
  readonly redact: (item: Buffer) => Buffer | Promise<Buffer>;
  /** Resolves when every item is on disk, each behind the head: only then may the API server be told 200. */
  readonly append: (head: Uint8Array, items: readonly Uint8Array[]) => Promise<void>;
  readonly quarantine: (items: readonly QuarantinedItem[]) => Promise<void>;
  readonly books: Books;
  readonly trace: Pick<EventTrace, 'arrived' | 'stored'>;
  readonly now: () => number;
}

/** `stored`: answer 200, whatever was odd about some items. `no-event`: answer 400, nothing in the body was an event. */
export type Accepted =
  | { readonly kind: 'stored'; readonly events: number; readonly quarantined: number; readonly broken?: string }
  | { readonly kind: 'no-event'; readonly reason: string };

/** So much of a body is gathered before it is stored: a list of 400 usual events as a whole, a body of 64 MiB piece by piece. */
const PORTION = { bytes: 4 * 1024 * 1024, odd: 1_000 };

/**
 * Takes the body of one request. Returns when every event in it is on disk.
 *
 * kube-apiserver sends a refused batch five times and then drops all of it, so one odd item never refuses a batch:
 * the items around it are kept, it goes to the quarantine, and a list that breaks at item n keeps the items before n.
 *
 * Of a long body no more than a portion is gathered, however many events it has. What of it was stored stays stored when the rest
 * is refused or never comes: sent again, those are duplicates.
 *
 * @throws {Failure} of the spool (`SPOOL_FULL` and errors of the disk): answered 503, and nothing of this portion counted
 */
export async function accept(body: AsyncIterable<Uint8Array>, origin: Origin, intake: Intake): Promise<Accepted> {
  const scanner = intake.newScanner();
  const head = encodeOrigin(origin, intake.now());
  let [items, odd, bytes]: [Buffer[], QuarantinedItem[], number] = [[], [], 0];
  let [events, quarantined] = [0, 0];
  const store = async (): Promise<void> => {
    if (odd.length > 0) await intake.quarantine(odd);
    const traced = intake.trace.arrived(items, origin);
    await intake.append(head, items);
    intake.trace.stored(traced);
    const books = intake.books.of(origin);
    books.received += items.length + odd.length;
    books.quarantined += odd.length;
    noteArrival(books, items.at(-1), intake.now());
    events += items.length;
    quarantined += odd.length;
    [items, odd, bytes] = [[], [], 0];
  };

  for await (const chunk of body) {
    for (const item of scanner.push(chunk)) {
      if (item.kind === 'refused') odd.push(asQuarantined(item, origin));
      else {
        items.push(item.sensitive ? await intake.redact(item.bytes) : item.bytes);
        bytes += head.length + item.bytes.length;
      }
    }
    if (bytes >= PORTION.bytes || odd.length >= PORTION.odd) await store();
  }
  const end = scanner.end();
  if (end.kind === 'no-event') return { kind: 'no-event', reason: end.reason ?? 'the body holds no audit event' };
  await store();
  return { kind: 'stored', events, quarantined, ...(end.kind === 'broken' ? { broken: end.reason ?? 'broken' } : {}) };
}

/** What `deliver` needs from the outside. */
export interface Outlet {
  /** Oldest first; waits while there is none; empty only when the service stops. */
  readonly next: () => Promise<readonly SpoolRecord[]>;
  /** `duplicate`: the event came before, at another position of the spool. Otherwise it is remembered with this one. */
  readonly admit: (key: Uint8Array, position: number) => 'first' | 'duplicate';
  readonly keyOf: (event: AuditEvent, origin: Origin) => Uint8Array;
  /** The finished datagram of one event. */
  readonly datagramOf: (event: AuditEvent, item: SpooledItem) => Uint8Array;
  /** Whether it would hold this thread for too long; then `readLarge` does all of the above elsewhere. */
  readonly isLarge: (item: SpooledItem) => boolean;
  readonly readLarge: (item: SpooledItem) => Promise<ReadEvent>;
  /** Lets others have the thread. */
  readonly pause: () => Promise<void>;
  readonly maxDatagramBytes: number;
  /** Waits until Wazuh's socket took all of them, until its reader has changed in between, or until the service stops. */
  readonly send: (datagrams: readonly Uint8Array[]) => Promise<SendOutcome>;
  /** The next record handed out is the one at this position, or the oldest that is left. */
  readonly seek: (position: number) => void;
  /** After this the records up to the position are not delivered again, and their keys are remembered across a restart. */
  readonly commit: (upTo: number) => void;
  /** Records up to this position were delivered, and records up to that one were stored, before the service started. */
  readonly before: { readonly deliveredUpTo: number; readonly storedUpTo: number };
  readonly quarantine: (items: readonly QuarantinedItem[]) => Promise<void>;
  readonly books: Books;
  readonly trace: Pick<EventTrace, 'find' | 'shaped' | 'ended'>;
}

/**
 * Delivers until the service stops. At least once: a crash between `send` and `commit` sends a batch twice, never none.
 * A record that cannot be shaped goes to the quarantine: it must not stop the ones behind it.
 */
export async function deliver(outlet: Outlet): Promise<void> {
  const sent = new SentPositions();
  let settledUpTo = outlet.before.deliveredUpTo;
  for (;;) {
    const batch = await outlet.next();
    const last = batch.at(-1);
    if (last === undefined) return;

    const prepared = await prepareAll(batch, outlet);
    const outgoing = prepared.filter((each) => each.kind === 'datagram');
    const outcome = await sendAll(outgoing, outlet);
    if (outcome.kind === 'stopped') return;
    if (outcome.kind === 'reader-restarted') {
      // What lay unread in the old reader's queue died with it, without an error: go back before it.
      sent.add(outgoing.slice(0, outcome.sent));
      const batchStart = (batch[0] as SpoolRecord).position;
      if (!(await recall(sent, outcome.resendAtLeast, batchStart, outlet))) return;
      outlet.seek(sent.goBack(outcome.resendAtLeast, batchStart));
      continue;
    }
    sent.add(outgoing);
    const fresh = prepared.filter((each) => each.position > settledUpTo);
    const odd = fresh.flatMap((each) => (each.kind === 'odd' ? [each.note] : []));
    if (odd.length > 0) await outlet.quarantine(odd);
    outlet.commit(last.position);
    for (const each of prepared) settle(each, settledUpTo, outlet);
    settledUpTo = Math.max(settledUpTo, last.position);
  }
}

type Prepared = { readonly origin: Origin; readonly position: number; readonly traced: TracedEvent | undefined } & (
  | { readonly kind: 'datagram'; readonly datagram: Uint8Array }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'odd'; readonly note: QuarantinedItem }
);

type Outgoing = Extract<Prepared, { readonly kind: 'datagram' }>;

/** So much is shaped at one go: at 300 ns a byte, where it is made to take long, 80 ms. */
const PAUSE_AFTER_BYTES = 256 * 1024;

async function prepareAll(batch: readonly SpoolRecord[], outlet: Outlet): Promise<readonly Prepared[]> {
  const prepared: Prepared[] = [];
  let bytes = 0;
  for (const record of batch) {
    bytes += record.bytes.length;
    if (bytes > PAUSE_AFTER_BYTES && prepared.length > 0) {
      await outlet.pause();
      bytes = record.bytes.length;
    }
    const item = decodeRecord(record.bytes);
    prepared.push(outlet.isLarge(item) ? await prepareLarge(record.position, item, outlet) : prepare(record.position, item, outlet));
  }
  return prepared;
}

async function prepareLarge(position: number, item: SpooledItem, outlet: Outlet): Promise<Prepared> {
  const { origin } = item;
  const record = { origin, position, traced: outlet.trace.find(item.item, origin, item.receivedAtMs) };
  const odd = (reason: string): Prepared => ({ kind: 'odd', ...record, note: noteOf(item, reason) });
  const event = await outlet.readLarge(item);
  if (event.kind === 'refused') return odd(event.reason);
  if (outlet.admit(event.key, position) === 'duplicate') return { kind: 'duplicate', ...record };
  if (event.datagram.length > outlet.maxDatagramBytes) return odd('larger than a datagram');
  outlet.trace.shaped(record.traced, event.datagram);
  return { kind: 'datagram', ...record, datagram: event.datagram };
}

function prepare(position: number, item: SpooledItem, outlet: Outlet): Prepared {
  const { origin } = item;
  const traced = outlet.trace.find(item.item, origin, item.receivedAtMs);
  const record = { origin, position, traced };
  const odd = (reason: string): Prepared => ({ kind: 'odd', ...record, note: noteOf(item, reason) });
  try {
    const parsed = parseAuditEvent(item.item);
    if (parsed.kind === 'refused') return odd(parsed.reason);
    if (outlet.admit(outlet.keyOf(parsed.event, origin), position) === 'duplicate') return { kind: 'duplicate', ...record };
    const datagram = outlet.datagramOf(parsed.event, item);
    // The shape promises to fit; were it wrong, Wazuh would cut the event without a word.
    if (datagram.length > outlet.maxDatagramBytes) return odd('larger than a datagram');
    outlet.trace.shaped(traced, datagram);
    return { kind: 'datagram', ...record, datagram };
  } catch (error) {
    // Whatever the pipeline trips over stays one event's trouble.
    return odd(`pipeline: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function sendAll(outgoing: readonly Outgoing[], outlet: Outlet): Promise<Exclude<SendOutcome, { readonly kind: 'oversize' }>> {
  if (outgoing.length === 0) return { kind: 'sent' };
  const outcome = await outlet.send(outgoing.map((each) => each.datagram));
  if (outcome.kind === 'oversize') throw new Error('a datagram passed the size check and was refused for its size');
  return outcome;
}

/**
 * Finds out which records before the ones we know were sent as datagrams, by an earlier process or longer ago than we keep:
 * reads them again and shapes them, which tells the duplicates and the odd ones apart from what Wazuh got.
 *
 * @returns false when the service stops meanwhile
 */
async function recall(sent: SentPositions, count: number, batchStart: number, outlet: Outlet): Promise<boolean> {
  const before = Math.min(batchStart, sent.oldest ?? batchStart);
  const missing = count - sent.count;
  // Twice as many records at first: most are no duplicates, and then this was enough.
  for (let reach = 2 * missing; missing > 0; reach *= 2) {
    const from = Math.max(1, before - reach);
    outlet.seek(from);
    const found: number[] = [];
    let oldest: number | undefined;
    for (let at = 0; at < before - 1; ) {
      const records = await outlet.next();
      const last = records.at(-1);
      if (last === undefined) return false;
      oldest ??= records[0]?.position;
      const again = await prepareAll(
        records.filter(({ position }) => position < before),
        outlet,
      );
      found.push(...again.filter(({ kind }) => kind === 'datagram').map(({ position }) => position));
      at = last.position;
    }
    // Fewer than wanted, and nothing older is left: all there is goes again.
    if (found.length >= missing || from === 1 || (oldest ?? before) > from) {
      sent.putBefore(found.slice(-missing));
      break;
    }
  }
  return true;
}

/** Positions of the latest datagrams. */
class SentPositions {
  // Twice the 512 that systemd sets for net.unix.max_dgram_qlen, so that a rewind by 513 finds its place without reading.
  static readonly MAX = 1_024;
  #positions: number[] = [];

  get count(): number {
    return this.#positions.length;
  }

  add(outgoing: readonly Outgoing[]): void {
    this.#positions.push(...outgoing.map((each) => each.position));
    if (this.#positions.length > 2 * SentPositions.MAX) this.#positions = this.#positions.slice(-SentPositions.MAX);
  }

  putBefore(older: readonly number[]): void {
    this.#positions.unshift(...older);
  }

  get oldest(): number | undefined {
    return this.#positions[0];
  }

  /** Where to begin so that the last `count` go out again; never behind `batchStart`, which has not been settled. Forgets those. */
  goBack(count: number, batchStart: number): number {
    const to = Math.min(batchStart, this.#positions.at(-count) ?? this.oldest ?? batchStart);
    this.#positions = this.#positions.filter((position) => position < to);
    return to;
  }
}

const OUTCOMES = { datagram: 'delivered', duplicate: 'duplicate', odd: 'quarantined' } as const;

function settle(prepared: Prepared, settledUpTo: number, { books: all, before, trace }: Outlet): void {
  trace.ended(prepared.traced, OUTCOMES[prepared.kind], prepared.kind === 'odd' ? prepared.note.reason : undefined);
  const books = all.of(prepared.origin);
  if (prepared.position <= settledUpTo) {
    if (prepared.kind === 'datagram') books.resent++;
    return;
  }
  // Left over from an earlier process: its `received` went with that one.
  if (prepared.position <= before.storedUpTo) books.received++;
  if (prepared.kind === 'datagram') books.delivered++;
  else if (prepared.kind === 'duplicate') books.duplicate++;
  else books.quarantined++;
}

function noteArrival(books: OriginBooks, newest: Uint8Array | undefined, nowMs: number): void {
  books.lastReceivedAtMs = nowMs;
  const lagMs = lagOf(newest, nowMs);
  if (lagMs !== undefined) books.lagMs = lagMs;
}

function asQuarantined(item: RefusedItem, origin: Origin): QuarantinedItem {
  return { origin, place: 'accept', reason: item.reason, index: item.index, byteLength: item.byteLength, sha256: item.sha256 };
}

function noteOf({ origin, item }: SpooledItem, reason: string): QuarantinedItem {
  return { origin, place: 'deliver', reason, byteLength: item.length, sha256: createHash('sha256').update(item).digest('hex') };
}
