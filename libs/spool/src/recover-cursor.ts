import { parseCursorEntry } from './cursor-entry.ts';
import type { DedupeEntry } from './dedupe-window.ts';
import { FIRST_FRAME_OFFSET } from './format.ts';
import { endOfContent, scanFrames } from './frame-scan.ts';
import { ignore, type LogFile } from './log-file.ts';
import type { KnownProgress } from './recover-segments.ts';
import type { RecoveryTools } from './recovery-tools.ts';
import type { FoundFile } from './spool-folder.ts';

/** A cursor file that is no longer written, kept for the keys in it. */
export interface OldCursorFile {
  readonly path: string;
  readonly bytes: number;
  readonly keyCount: number;
  /** When its last entry was written, ms since 1970. */
  readonly newestAtMs: number;
}

export interface RecoveredCursor {
  /** The newest entry that is intact; absent when there is none. */
  readonly known: (KnownProgress & { readonly note: Buffer }) | undefined;
  /** The process that wrote last gave the preallocated rest of its file back, as `close` does. */
  readonly wasClosed: boolean;
  /** Oldest first. */
  readonly files: readonly OldCursorFile[];
  readonly nextOrdinal: number;
  readonly spare: LogFile | undefined;
}

/**
 * Reads the journal from its oldest file to its newest. The last intact entry is the cursor; a torn one behind it was
 * not synced, and the records it spoke of are delivered again. Keys are handed to `onKey`, oldest first.
 */
export async function recoverCursor(
  files: readonly FoundFile[],
  onKey: (entry: DedupeEntry, writtenAtMs: number) => void,
  tools: RecoveryTools,
): Promise<RecoveredCursor> {
  const old: OldCursorFile[] = [];
  let known: RecoveredCursor['known'];
  let spare: LogFile | undefined;
  let wasClosed = true;
  for (const found of files) {
    const file = await tools.place.fileSystem.open(found.path, 'write');
    let isOpenSpare = false;
    try {
      let [keyCount, newestAtMs, end, isClean] = [0, 0, FIRST_FRAME_OFFSET, true];
      for await (const items of scanFrames(file, tools.place.identity, FIRST_FRAME_OFFSET, found.status.bytes)) {
        for (const item of items) {
          const entry = item.kind === 'frame' ? parseCursorEntry(item.payload) : undefined;
          if (item.kind === 'gap' || entry === undefined) {
            isClean &&= item.kind === 'gap' && item.isZero;
            if (item.kind === 'gap' && !item.isZero) await keep(found, file, item.offset, item.endOffset, tools);
            continue;
          }
          for (const key of entry.keys) onKey(key, item.atMs);
          keyCount += entry.keys.length;
          newestAtMs = item.atMs;
          end = item.endOffset;
          known = { cursor: item.position, appendedUpTo: entry.appendedUpTo, note: Buffer.from(entry.note ?? known?.note ?? []) };
        }
      }
      isOpenSpare = end === FIRST_FRAME_OFFSET && isClean && found.header.kind === 'intact' && found === files.at(-1);
      if (isOpenSpare) spare = { path: found.path, ordinal: found.ordinal, file, bytes: found.status.bytes };
      else {
        if (found.status.bytes > end) wasClosed = false;
        await file.truncate(end).catch(ignore);
        await file.datasync().catch(ignore);
        old.push({ path: found.path, bytes: end, keyCount, newestAtMs });
      }
    } finally {
      if (!isOpenSpare) await file.close();
    }
  }
  return { known, wasClosed, files: old, nextOrdinal: (files.at(-1)?.ordinal ?? 0) + 1, spare };
}

async function keep(
  found: FoundFile,
  file: LogFile['file'],
  offset: number,
  endOffset: number,
  { quarantine, tell }: RecoveryTools,
): Promise<void> {
  // An entry that a kill cut short was not synced, and is followed by the zeros of preallocation: torn, not damaged.
  const isTorn = endOffset === found.status.bytes;
  const end = isTorn ? await endOfContent(file, offset, endOffset) : endOffset;
  const copy = await quarantine.keepRegion(found.name, file, offset, end);
  if (isTorn) tell({ kind: 'torn-tail', file: found.name, offset, bytes: end - offset });
  else tell({ kind: 'damage', file: found.name, offset, bytes: end - offset, lostRecords: 0, copy });
}
