import type { SpoolFile } from './file-system.ts';
import { FIRST_FRAME_OFFSET } from './format.ts';
import { endOfContent, type FoundFrame, scanFrames } from './frame-scan.ts';
import { ignore, type LogFile } from './log-file.ts';
import { recoverNewest, writeStart } from './recover-newest.ts';
import type { RecoveryTools } from './recovery-tools.ts';
import type { Segment } from './segment.ts';
import type { FoundFile } from './spool-folder.ts';

export interface RecoveredSegments {
  /** Ascending. None of them is written again. */
  readonly segments: Segment[];
  /** The process that wrote last gave the preallocated rest of its segment back, as `close` does. */
  readonly wasClosed: boolean;
  /** No record that was ever acknowledged has this position or a later one. */
  readonly nextPosition: number;
  readonly nextOrdinal: number;
  /** A preallocated file in which no frame was ever written. */
  readonly spare: LogFile | undefined;
}

/** What the cursor journal knows; absent when there is none. */
export interface KnownProgress {
  readonly cursor: number;
  /** The last position that was acknowledged at some time. */
  readonly appendedUpTo: number;
}

/**
 * From files to segments, newest first. Only the newest segment with records is read in full: its end is where the
 * process or the power stopped. The others are read when their records are delivered, and damage is found then; a
 * backlog of many gigabytes does not delay the start.
 */
export async function recoverSegments(
  files: readonly FoundFile[],
  known: KnownProgress | undefined,
  tools: RecoveryTools,
): Promise<RecoveredSegments> {
  const segments: Segment[] = [];
  let spare: LogFile | undefined;
  // The later file's first record ends the earlier file: what stands there from that position on was never acknowledged
  // (its sync failed) and was written again.
  let bound = Number.POSITIVE_INFINITY;
  let wasClosed = true;
  for (const found of files.toReversed()) {
    const file = await tools.place.fileSystem.open(found.path, 'write');
    let isOpenSpare = false;
    try {
      const first = await firstFrame(file, found, tools);
      if (first === undefined) {
        isOpenSpare = spare === undefined && segments.length === 0 && (await isSpare(file, found));
        if (isOpenSpare) spare = { path: found.path, ordinal: found.ordinal, file, bytes: found.status.bytes };
        else await discard(file, found, tools);
      } else if (writeStart(first) >= bound) await discard(file, found, tools);
      else {
        const isNewest = segments.length === 0;
        const segment = isNewest ? await recoverNewest(file, found, known?.appendedUpTo ?? 0, tools) : sealedSegment(found, first, bound);
        if (isNewest) wasClosed = segment.endOffset === found.status.bytes;
        segments.unshift(segment);
        bound = segment.firstPosition;
      }
    } finally {
      if (!isOpenSpare) await file.close();
    }
  }
  const last = segments.at(-1)?.lastPosition ?? 0;
  countMissing(segments, known, last, tools);
  return {
    segments,
    wasClosed,
    nextPosition: Math.max(last, known?.cursor ?? 0, known?.appendedUpTo ?? 0) + 1,
    nextOrdinal: (files.at(-1)?.ordinal ?? 0) + 1,
    spare,
  };
}

async function firstFrame(file: SpoolFile, found: FoundFile, tools: RecoveryTools): Promise<FoundFrame | undefined> {
  for await (const items of scanFrames(file, tools.place.identity, FIRST_FRAME_OFFSET, found.status.bytes, PEEK_BYTES)) {
    const frame = items.find((item) => item.kind === 'frame');
    if (frame !== undefined) return frame;
  }
  return undefined;
}

/** Enough for some dozen records of usual size. */
const PEEK_BYTES = 64 * 1024;

async function isSpare(file: SpoolFile, found: FoundFile): Promise<boolean> {
  return found.header.kind === 'intact' && (await endOfContent(file, FIRST_FRAME_OFFSET, found.status.bytes)) === FIRST_FRAME_OFFSET;
}

/** A file without a record that counts: at most the beginning of a write that was never acknowledged. */
async function discard(file: SpoolFile, found: FoundFile, tools: RecoveryTools): Promise<void> {
  const end = await endOfContent(file, FIRST_FRAME_OFFSET, found.status.bytes);
  if (end > FIRST_FRAME_OFFSET) {
    await tools.quarantine.keepRegion(found.name, file, FIRST_FRAME_OFFSET, end);
    tools.tell({ kind: 'torn-tail', file: found.name, offset: FIRST_FRAME_OFFSET, bytes: end - FIRST_FRAME_OFFSET });
  }
  await tools.place.fileSystem.unlink(found.path).catch(ignore);
  await tools.place.fileSystem.syncFolder(tools.place.folder).catch(ignore);
}

/** What is known of a segment without reading it: it ends where the next one begins. */
function sealedSegment(found: FoundFile, first: FoundFrame, bound: number): Segment {
  return {
    name: found.name,
    path: found.path,
    ordinal: found.ordinal,
    firstPosition: writeStart(first),
    lastPosition: bound - 1,
    endOffset: found.status.bytes,
    fileBytes: found.status.bytes,
    oldestAtMs: first.atMs,
    newestAtMs: found.status.modifiedAtMs,
    marks: [],
  };
}

/** Undelivered records that the journal or their positions prove to have been there before the first or after the last segment. */
function countMissing(
  segments: readonly Segment[],
  known: KnownProgress | undefined,
  last: number,
  { missing, tell }: RecoveryTools,
): void {
  const oldest = segments[0];
  if (known === undefined) {
    if (oldest !== undefined) tell({ kind: 'cursor-lost', deliverFrom: oldest.firstPosition });
    return;
  }
  const ranges = [
    { name: oldest?.name ?? 'segments', from: known.cursor + 1, to: (oldest?.firstPosition ?? 0) - 1 },
    { name: segments.at(-1)?.name ?? 'segments', from: Math.max(last, known.cursor) + 1, to: known.appendedUpTo },
  ];
  for (const { name, from, to } of ranges) {
    const lostRecords = missing.addLost(from, to);
    if (lostRecords > 0) tell({ kind: 'damage', file: name, offset: 0, bytes: 0, lostRecords, copy: 'none' });
  }
}
