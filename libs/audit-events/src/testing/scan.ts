import { EventListScanner } from '../event-list-scanner.ts';
import type { ScannerOptions } from '../item-judgement.ts';
import type { ScanEnd, ScannedItem } from '../scanned-item.ts';

export interface Scan {
  readonly items: readonly ScannedItem[];
  readonly end: ScanEnd;
}

/** Scans the document in pieces of these sizes, over and over. Each piece is a buffer of its own, as from a socket. */
export function scan(
  document: string | Uint8Array,
  pieceBytes: readonly number[] = [Number.MAX_SAFE_INTEGER],
  options: ScannerOptions = {},
): Scan {
  const bytes = Buffer.from(document as string);
  const scanner = new EventListScanner(options);
  const items: ScannedItem[] = [];
  for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
    const size = pieceBytes[piece % pieceBytes.length] as number;
    items.push(...scanner.push(Buffer.from(bytes.subarray(at, at + size))));
    at += size;
  }
  return { items, end: scanner.end() };
}

/** What was given out: the value of an event, the reason of a refused item. */
export function outcomes({ items }: Scan): readonly unknown[] {
  return items.map((item) => (item.kind === 'event' ? JSON.parse(item.bytes.toString()) : item.reason));
}

/** The audit IDs of the events. */
export function auditIds({ items }: Scan): readonly string[] {
  return items.flatMap((item) => (item.kind === 'event' ? [JSON.parse(item.bytes.toString()).auditID as string] : []));
}

export function list(...items: readonly unknown[]): string {
  return JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items });
}
