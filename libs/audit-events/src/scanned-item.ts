/** One raw event, cut out of the list. */
export interface ScannedEvent {
  readonly kind: 'event';
  /** The item's own bytes, from brace to brace. A slice of the pushed chunk where it lay in one: leave the chunk alone until the item is stored. */
  readonly bytes: Buffer;
  /** Place in the list, refused items counted. */
  readonly index: number;
  /** What `isSensitive` said: it may hold credentials and must be redacted before anything is written. */
  readonly sensitive: boolean;
  /** Present when bodies were left out because the item was over a limit; `bytes` is then a valid event without them. */
  readonly cut?: CutBodies;
}

export interface CutBodies {
  readonly because: 'too-large' | 'too-deep';
  /** Names of the members left out: `requestObject`, `responseObject`. */
  readonly members: readonly string[];
  /** Of the whole item as it came. */
  readonly byteLength: number;
  readonly sha256: string;
}

/** Something between the commas that is no event. The rest of the list goes on. */
export interface RefusedItem {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly byteLength: number;
  /** Hex, of the item's bytes. */
  readonly sha256: string;
  readonly index: number;
}

export type RefusalReason = 'not-an-object' | 'no-audit-id' | 'too-large' | 'too-deep';
export type ScannedItem = ScannedEvent | RefusedItem;

/**
 * How the document ended. `broken`: events came out of it before it went wrong, so it must be answered like a good one.
 * `no-event`: nothing in it was an event; the sender may be told so (400). A list of nothing is a `list`.
 */
export interface ScanEnd {
  readonly kind: 'list' | 'event' | 'broken' | 'no-event';
  /** Events given out. */
  readonly items: number;
  readonly refused: number;
  /** For `broken` and `no-event`. */
  readonly reason?: string;
}

/** An item above this is over the limit. kube-apiserver takes requests of 3 MiB, so a larger event holds escapes or junk. */
export const DEFAULT_MAX_ITEM_BYTES: number = 8 * 1024 * 1024;

/** cJSON (wazuh-analysisd) reads 1,000 levels and JSON.stringify overflows its stack some thousand deeper. */
export const MAX_ITEM_DEPTH = 1_000;
