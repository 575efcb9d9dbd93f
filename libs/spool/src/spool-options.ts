import { Failure } from '@k8s-audit/failure';
import type { SpoolFileSystem } from './file-system.ts';
import type { SpoolEvent } from './spool-events.ts';

/** What a caller may set; only the folder has no default. */
export interface SpoolOptions {
  /** Made with mode 0700 if absent; one that is there must belong to this process's user and be writable by nobody else. */
  readonly folder: string;
  /** All files of the spool together; at the limit `append` rejects. At least four segments. Default 10 GiB. */
  readonly maxBytes?: number;
  /** Undelivered bytes, as a share of the room for records within `maxBytes`, from which the level is `warn`. Default 0.8. */
  readonly warnAtShare?: number;
  /** Preallocated size of one segment file; a larger append makes its segment larger. Default 64 MiB. */
  readonly segmentBytes?: number;
  /** Delivered segments are kept for this long after their last record was written, space permitting. Default 0. */
  readonly deliveredRetentionMs?: number;
  /** So many delivered records stay within reach of `rewind`, up to a quarter of `maxBytes`. Default 2,048. */
  readonly rewindRecords?: number;
  /** How far the cursor on disk may lag behind deliveries at power loss, besides one batch. Default 200 ms. */
  readonly cursorSyncMs?: number;
  /** Preallocated size of one cursor file. Default 4 MiB: about 170,000 dedupe keys. */
  readonly cursorFileBytes?: number;
  readonly dedupe?: { readonly windowMs?: number; readonly maxKeys?: number };
  /** Records just written that are kept for the reader, so that one that keeps up never touches the disk. Default 8 MiB. */
  readonly memoryBytes?: number;
  /** The folder `damaged` takes copies of damaged regions up to this. Default 256 MiB. */
  readonly quarantineBytes?: number;
  /** Called in line; what it throws is the caller's own. */
  readonly onEvent?: (event: SpoolEvent) => void;
  readonly clock?: SpoolClock;
  /** For tests: a disk that fails. */
  readonly fileSystem?: SpoolFileSystem;
  /** The user whom the folder must belong to. Default: this process's effective user. */
  readonly ownerId?: number;
}

export interface SpoolClock {
  /** Since 1970; may jump. Stamps records, and ages keys across a restart. */
  readonly wallMs: () => number;
  /** Never goes back. */
  readonly monotonicMs: () => number;
}

export type SpoolSettings = Required<Omit<SpoolOptions, 'dedupe'>> & {
  readonly dedupe: { readonly windowMs: number; readonly maxKeys: number };
};

const MIB = 1 << 20;
/** One being written, one made ahead, and two so that delivered ones can go while undelivered ones stay. */
const MIN_SEGMENTS = 4;

export function completeOptions(options: SpoolOptions, fileSystem: SpoolFileSystem): SpoolSettings {
  const settings: SpoolSettings = {
    folder: options.folder,
    maxBytes: options.maxBytes ?? 10 * 1024 * MIB,
    warnAtShare: options.warnAtShare ?? 0.8,
    segmentBytes: options.segmentBytes ?? 64 * MIB,
    deliveredRetentionMs: options.deliveredRetentionMs ?? 0,
    rewindRecords: options.rewindRecords ?? 2_048,
    cursorSyncMs: options.cursorSyncMs ?? 200,
    cursorFileBytes: options.cursorFileBytes ?? 4 * MIB,
    // A retry of the API server comes up to four minutes later, a log file's copy of a webhook event later still.
    dedupe: { windowMs: options.dedupe?.windowMs ?? 30 * 60_000, maxKeys: options.dedupe?.maxKeys ?? 1 << 20 },
    memoryBytes: options.memoryBytes ?? 8 * MIB,
    quarantineBytes: options.quarantineBytes ?? 256 * MIB,
    onEvent: options.onEvent ?? (() => {}),
    clock: options.clock ?? { wallMs: Date.now, monotonicMs: () => performance.now() },
    fileSystem: options.fileSystem ?? fileSystem,
    ownerId: options.ownerId ?? process.geteuid?.() ?? 0,
  };
  assertLimits(settings);
  return settings;
}

/** The smallest cursor file that holds several of the largest entries (cursor-entry.ts). */
const MIN_CURSOR_FILE_BYTES = 256 * 1024;
const MIN_SEGMENT_BYTES = 8 * 1024;

function assertLimits({ maxBytes, segmentBytes, cursorFileBytes }: SpoolSettings): void {
  const needed = MIN_SEGMENTS * segmentBytes + 2 * cursorFileBytes;
  if (segmentBytes >= MIN_SEGMENT_BYTES && cursorFileBytes >= MIN_CURSOR_FILE_BYTES && maxBytes >= needed) return;
  throw new Failure(
    'SPOOL_LIMITS',
    `a spool of ${maxBytes} bytes cannot have segments of ${segmentBytes} and cursor files of ${cursorFileBytes}`,
    {
      hint: `let it have at least ${MIN_SEGMENTS} segments and two cursor files: ${needed} bytes; a segment has at least ${MIN_SEGMENT_BYTES}, a cursor file ${MIN_CURSOR_FILE_BYTES}`,
    },
  );
}
