import type { QuarantineUsage } from './quarantine.ts';
import type { SpoolLevel } from './spool-events.ts';

/** The spool in figures, at one moment. */
export interface SpoolUsage {
  /** Acknowledged, readable as far as is known, and not committed yet. */
  readonly undeliveredRecords: number;
  /** On disk, frames included; exact when nothing or all is delivered, else to about 256 KiB. */
  readonly undeliveredBytes: number;
  /** When the oldest of them was appended, ms since 1970; up to 256 KiB of records too old. Absent when there is none. */
  readonly oldestUndeliveredAtMs?: number;
  /** All files, preallocated space included, the folder `damaged` not. */
  readonly diskBytes: number;
  readonly maxBytes: number;
  readonly level: SpoolLevel;
  readonly segments: number;
  /** Undelivered records that damage took, as far as is known since the spool was opened. */
  readonly lostRecords: number;
  readonly quarantine: QuarantineUsage;
  readonly dedupeKeys: number;
  /** Keys forgotten within their time because there were too many. */
  readonly dedupeEvictedEarly: number;
  /** Delivered records that would be delivered again after a power loss now. */
  readonly cursorLagRecords: number;
}
