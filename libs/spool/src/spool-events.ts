/**
 * What happens to a spool beside appends and deliveries: for the caller's log lines, metrics and health events.
 * A library does not log.
 */
export type SpoolEvent =
  | DamageEvent
  | { readonly kind: 'torn-tail'; readonly file: string; readonly offset: number; readonly bytes: number }
  /** A file of a spool's name that is none of this spool's; it was moved to the folder `damaged`. */
  | { readonly kind: 'foreign-file'; readonly file: string; readonly reason: string }
  /** The process before this one did not close the spool: a SIGKILL, a crash, a loss of power. What it had acknowledged is there. */
  | { readonly kind: 'not-closed'; readonly cursor: number; readonly appendedUpTo: number }
  /** Records, but no cursor: delivery starts again at the oldest record. */
  | { readonly kind: 'cursor-lost'; readonly deliverFrom: number }
  /** The disk refused; `append` rejects, or the cursor on disk lags, until `write-recovered`. */
  | { readonly kind: 'write-failed'; readonly what: Written; readonly code: string; readonly message: string }
  | { readonly kind: 'write-recovered'; readonly what: Written }
  /** The reader waits and tries again; nothing is skipped. */
  | { readonly kind: 'read-failed'; readonly file: string; readonly code: string; readonly message: string }
  | { readonly kind: 'level'; readonly level: SpoolLevel; readonly undeliveredBytes: number; readonly maxBytes: number };

/** Bytes of a file that are no record any more, or records that are missing. */
export interface DamageEvent {
  readonly kind: 'damage';
  readonly file: string;
  /** Where in the file, and how many bytes; 0 bytes where the file is gone or ends too early. */
  readonly offset: number;
  readonly bytes: number;
  /** Undelivered records that are lost with it. */
  readonly lostRecords: number;
  readonly copy: RegionCopy;
}

/** What became of the damaged bytes: `known` from an earlier run; `none` where there is nothing to keep (zeros, nothing). */
export type RegionCopy = 'copied' | 'known' | 'none' | 'no-room' | 'failed';

export type Written = 'records' | 'cursor';

/** `warn`: `warnAtShare` of the room for records is undelivered; `full`: the last append was refused for the limit. */
export type SpoolLevel = 'ok' | 'warn' | 'full';
