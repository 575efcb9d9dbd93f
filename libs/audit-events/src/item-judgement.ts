import { createHash } from 'node:crypto';
import type { ItemMembers } from './item-members.ts';
import { type CutBodies, DEFAULT_MAX_ITEM_BYTES, MAX_ITEM_DEPTH, type RefusalReason, type ScannedItem } from './scanned-item.ts';
import { ValueWalker } from './value-walker.ts';
import { type ItemWithoutBodies, markOmittedBodies, unmarkOmittedBodies, withoutDeepBodies, withoutLargeBodies } from './without-bodies.ts';

export interface ScannerOptions {
  /** Default 8 MiB. A larger item loses its bodies. */
  readonly maxItemBytes?: number;
  /** Whether an item may hold credentials. Asked once an item; `members` is only valid during the call. Default: none does. */
  readonly isSensitive?: (item: Buffer, members: ItemMembers) => boolean;
}

/**
 * Scans one event that lies in memory as a whole, as a line of an audit log does. White space around it is left out of `bytes`.
 * Everything that is not exactly one object is refused.
 */
export function scanEvent(line: Uint8Array, options: ScannerOptions = {}, index = 0): ScannedItem {
  const item = trimmed(line);
  const walker = new ValueWalker();
  walker.begin(item[0] ?? 0);
  if (item.length === 0 || walker.walk(item, 0) !== item.length) return refuse(item, index, 'not-an-object');
  return judgeItem(item, index, walker, options);
}

/** What becomes of an item that was walked to its end; `cut` tells what was dropped on the way. */
export function judgeItem(bytes: Buffer, index: number, walker: ValueWalker, options: ScannerOptions, cut?: CutBodies): ScannedItem {
  const { members } = walker;
  if (bytes[0] !== OPENING_BRACE) return refuse(bytes, index, 'not-an-object');
  if (cut !== undefined) return judgeRest(bytes, index, options, cut);
  if (walker.maxDepth > MAX_ITEM_DEPTH) return judgeReduced(bytes, withoutDeepBodies(bytes, members), index, options, 'too-deep');
  const maxItemBytes = options.maxItemBytes ?? DEFAULT_MAX_ITEM_BYTES;
  if (bytes.length > maxItemBytes) {
    return judgeReduced(bytes, withoutLargeBodies(bytes, members, maxItemBytes), index, options, 'too-large');
  }
  if (!hasAuditId(bytes, members)) return refuse(bytes, index, 'no-audit-id');
  const sensitive = members.overflown || (options.isSensitive?.(bytes, members) ?? false);
  return { kind: 'event', bytes, index, sensitive };
}

function judgeReduced(
  item: Buffer,
  { bytes, omitted }: ItemWithoutBodies,
  index: number,
  options: ScannerOptions,
  because: CutBodies['because'],
): ScannedItem {
  if (omitted.length === 0) return refuse(item, index, because);
  const cut: CutBodies = { because, members: omitted, byteLength: item.length, sha256: sha256(item) };
  return judgeRest(bytes, index, options, cut);
}

/** `rest` is the item with null where bodies were. It may be over the other limit still, and lose the other body too. */
function judgeRest(rest: Buffer, index: number, options: ScannerOptions, cut: CutBodies): ScannedItem {
  const judged = scanEvent(rest, options, index);
  if (judged.kind === 'refused') {
    // Without its bodies still too long or too deep: nothing that an API server writes.
    const reason = judged.reason === 'no-audit-id' ? judged.reason : cut.because;
    return { kind: 'refused', reason, byteLength: cut.byteLength, sha256: cut.sha256, index };
  }
  const more = judged.cut?.members ?? [];
  const members = [...cut.members, ...more];
  const bytes = more.length === 0 ? judged.bytes : unmarkOmittedBodies(judged.bytes, more);
  return { ...judged, bytes: markOmittedBodies(bytes, members), cut: { ...cut, members } };
}

function refuse(item: Buffer, index: number, reason: RefusalReason): ScannedItem {
  return { kind: 'refused', reason, byteLength: item.length, sha256: sha256(item), index };
}

function hasAuditId(item: Buffer, members: ItemMembers): boolean {
  const index = members.findFirst(item, 'auditID');
  if (index < 0) return false;
  let at = members.valueStart(index);
  while (isWhiteSpace(item[at])) at += 1;
  return item[at] === QUOTE && item[at + 1] !== QUOTE;
}

function trimmed(line: Uint8Array): Buffer {
  let start = 0;
  let end = line.length;
  while (start < end && isWhiteSpace(line[start])) start += 1;
  while (start < end && isWhiteSpace(line[end - 1])) end -= 1;
  return Buffer.from(line.buffer, line.byteOffset + start, end - start);
}

function isWhiteSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const OPENING_BRACE = 0x7b;
const QUOTE = 0x22;
