import type { SpoolFile } from './file-system.ts';
import { encodeFrame, FIRST_FRAME_OFFSET, FRAME_HEADER_BYTES, VOID } from './format.ts';
import { endOfContent, type FoundFrame, type FoundGap, scanFrames } from './frame-scan.ts';
import { ignore } from './log-file.ts';
import type { RecoveryTools } from './recovery-tools.ts';
import { addMark, type Segment } from './segment.ts';
import type { FoundFile } from './spool-folder.ts';

/** Positions that are missing between two frames, and the bytes where they should be. */
interface Hole {
  readonly gap: FoundGap;
  readonly firstMissing: number;
  readonly count: number;
}

/**
 * The newest segment with records, read in full, its end put in order: what is torn is copied away and cut off, and a
 * hole in its last write, left by a loss of power, becomes a void frame, so that no later start takes it for damage.
 * Holes before its last write are damage, and are left to the reader.
 *
 * @param acknowledgedUpTo what the journal proves to have been acknowledged: a hole there is damage in any case
 */
export async function recoverNewest(file: SpoolFile, found: FoundFile, acknowledgedUpTo: number, tools: RecoveryTools): Promise<Segment> {
  const { frames, holes, tail, marks } = await readWhole(file, found, tools);
  const { first, last } = frames;
  for (const hole of holes)
    if (hole.firstMissing >= Math.max(writeStart(last), acknowledgedUpTo + 1)) await makeVoid(file, found, hole, tools);
  if (tail !== undefined && !tail.isZero) {
    const end = await endOfContent(file, tail.offset, tail.endOffset);
    await tools.quarantine.keepRegion(found.name, file, tail.offset, end);
    tools.tell({ kind: 'torn-tail', file: found.name, offset: tail.offset, bytes: end - tail.offset });
  }
  const isCut = await file.truncate(last.endOffset).then(
    () => true,
    () => false,
  );
  // After a SIGKILL the last records may be in the page cache only; from here on they count as being there.
  await file.datasync().catch(ignore);
  return {
    name: found.name,
    path: found.path,
    ordinal: found.ordinal,
    firstPosition: writeStart(first),
    lastPosition: lastPositionOf(last),
    endOffset: last.endOffset,
    fileBytes: isCut ? last.endOffset : found.status.bytes,
    oldestAtMs: first.indexInWrite === VOID ? last.atMs : first.atMs,
    newestAtMs: last.atMs,
    marks,
  };
}

/** The position at which the frame's write began. */
export function writeStart({ position, indexInWrite }: FoundFrame): number {
  return indexInWrite === VOID ? position : position - indexInWrite;
}

function lastPositionOf({ position, indexInWrite, atMs }: FoundFrame): number {
  return indexInWrite === VOID ? position + atMs - 1 : position;
}

interface WholeSegment {
  readonly frames: { readonly first: FoundFrame; readonly last: FoundFrame };
  readonly holes: readonly Hole[];
  /** What stands behind the last frame. */
  readonly tail: FoundGap | undefined;
  readonly marks: Segment['marks'];
}

async function readWhole(file: SpoolFile, found: FoundFile, { place }: RecoveryTools): Promise<WholeSegment> {
  const holes: Hole[] = [];
  const marks: Segment['marks'] = [];
  let [first, last, gap]: [FoundFrame | undefined, FoundFrame | undefined, FoundGap | undefined] = [undefined, undefined, undefined];
  for await (const items of scanFrames(file, place.identity, FIRST_FRAME_OFFSET, found.status.bytes)) {
    for (const item of items) {
      if (item.kind === 'gap') {
        gap = item;
        continue;
      }
      const expected = last === undefined ? writeStart(item) : lastPositionOf(last) + 1;
      if (gap !== undefined && item.position > expected) holes.push({ gap, firstMissing: expected, count: item.position - expected });
      gap = undefined;
      if (item.indexInWrite !== VOID) addMark(marks, { position: item.position, offset: item.offset, atMs: item.atMs });
      first ??= item;
      last = item;
    }
  }
  if (first === undefined || last === undefined) throw new Error(`${found.name} was seen to hold a frame, and holds none`);
  return { frames: { first, last }, holes, tail: gap, marks };
}

async function makeVoid(
  file: SpoolFile,
  found: FoundFile,
  { gap, firstMissing, count }: Hole,
  { place, quarantine, missing, tell }: RecoveryTools,
): Promise<void> {
  const bytes = gap.endOffset - gap.offset;
  if (!gap.isZero) await quarantine.keepRegion(found.name, file, gap.offset, gap.endOffset);
  tell({ kind: 'torn-tail', file: found.name, offset: gap.offset, bytes });
  missing.addVoid(firstMissing, firstMissing + count - 1);
  const frame = Buffer.alloc(bytes);
  encodeFrame(
    frame,
    0,
    place.identity,
    { position: firstMissing, atMs: count, indexInWrite: VOID },
    Buffer.alloc(bytes - FRAME_HEADER_BYTES),
  );
  // Where even this fails the hole stays one, and will be counted as lost: too much rather than too little.
  await file.write(frame, gap.offset).catch(ignore);
}
