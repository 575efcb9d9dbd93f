import { FIRST_FRAME_OFFSET } from './format.ts';

/** One segment file, as this process knows it. */
export interface Segment {
  readonly name: string;
  readonly path: string;
  readonly ordinal: number;
  /** Position of its first record, or of the first that was written with it. */
  readonly firstPosition: number;
  /** Position of its last record that counts; `firstPosition - 1` while it has none. */
  lastPosition: number;
  /** Records end here: all synced bytes of the segment being written, the file's size of an older one. */
  endOffset: number;
  /** What it takes on disk, preallocation included. */
  fileBytes: number;
  /** When its first and its last record were written, ms since 1970. */
  readonly oldestAtMs: number;
  newestAtMs: number;
  /** Where some records begin, ascending: what a seek starts from. */
  readonly marks: Mark[];
}

export interface Mark {
  readonly position: number;
  readonly offset: number;
  readonly atMs: number;
}

/** So many bytes apart: a seek reads at most this much that it does not want. */
const MARK_EVERY_BYTES = 256 * 1024;

export function addMark(marks: Mark[], mark: Mark): void {
  const last = marks.at(-1);
  if (last === undefined || mark.offset - last.offset >= MARK_EVERY_BYTES) marks.push(mark);
}

/** The last mark at or before the position. */
export function markBefore({ marks }: Segment, position: number): Mark | undefined {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle] as Mark).position <= position) low = middle + 1;
    else high = middle;
  }
  return marks[low - 1];
}

/** Bytes from the record after `position` to the segment's end, exact at both ends and to a mark's distance between. */
export function bytesAfter(segment: Segment, position: number): number {
  if (position < segment.firstPosition) return segment.endOffset - FIRST_FRAME_OFFSET;
  if (position >= segment.lastPosition) return 0;
  const known = markBefore(segment, position) ?? { position: segment.firstPosition, offset: FIRST_FRAME_OFFSET };
  const bytesPerRecord = (segment.endOffset - known.offset) / (segment.lastPosition - known.position + 1);
  return Math.round((segment.lastPosition - position) * bytesPerRecord);
}
