import { join } from 'node:path';
import { parseCursorEntry } from './cursor-entry.ts';
import { FIRST_FRAME_OFFSET, FRAME_HEADER_BYTES, VOID } from './format.ts';
import { endOfContent, scanFrames } from './frame-scan.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { type FoundFile, type FoundFolder, inspectFolder } from './spool-folder.ts';

/** One file of a spool, as it stands on the disk. */
export interface InspectedFile {
  readonly name: string;
  readonly kind: 'segment' | 'cursor';
  /** With what is preallocated. */
  readonly bytes: number;
  /** Records of a segment, entries of a cursor file. */
  readonly frames: number;
  /** Of a segment with records. */
  readonly positions?: { readonly first: number; readonly last: number };
  /** When its first and last frames were written, ms since 1970. */
  readonly writtenMs?: { readonly first: number; readonly last: number };
  /** Bytes that are neither frames nor zeros: a torn write at its end, damage elsewhere. */
  readonly unreadable: readonly { readonly offset: number; readonly bytes: number; readonly isAtEnd: boolean }[];
  readonly isHeaderDamaged: boolean;
}

export interface SpoolInspection {
  readonly files: readonly InspectedFile[];
  /** Every record up to this one is delivered; 0 before the first. */
  readonly cursor: number;
  /** The last record that the files hold, or that the journal knows to have been acknowledged. */
  readonly lastPosition: number;
  readonly undelivered: { readonly records: number; readonly bytes: number; readonly oldestAtMs?: number };
  /** Undelivered records that were acknowledged and are not there. */
  readonly missing: readonly { readonly from: number; readonly to: number }[];
  /** Files in the folder `damaged`: copies of what could not be read, and files of others. */
  readonly damaged: readonly { readonly name: string; readonly bytes: number }[];
}

/**
 * Reads a whole spool and changes nothing: no lock is taken, so a receiver may work in it meanwhile; what it appends or removes
 * during the reading may be missed.
 *
 * @throws {Failure} `SPOOL_NEWER`, `SPOOL_UNUSABLE`
 */
export async function inspectSpool(folder: string): Promise<SpoolInspection> {
  const found = await inspectFolder(nodeFileSystem, folder);
  const progress: Progress = { cursor: 0, acknowledged: 0 };
  const held = new Ranges();
  const undelivered = { records: 0, bytes: 0, oldestAtMs: Number.POSITIVE_INFINITY };
  const files: InspectedFile[] = [];
  // The cursor first: it says which records still matter.
  for (const file of found.files.filter(({ kind }) => kind === 'CURS'))
    files.push(
      await scan(found, file, ({ position, payload }) => {
        progress.cursor = position;
        progress.acknowledged = Math.max(progress.acknowledged, parseCursorEntry(payload)?.appendedUpTo ?? 0);
      }),
    );
  for (const file of found.files.filter(({ kind }) => kind === 'SEGM'))
    files.push(
      await scan(found, file, ({ position, indexInWrite, atMs, payload }) => {
        const last = indexInWrite === VOID ? position + atMs - 1 : position;
        const isNew = held.add(position, last);
        if (indexInWrite === VOID || position <= progress.cursor || !isNew) return;
        undelivered.records++;
        undelivered.bytes += FRAME_HEADER_BYTES + payload.byteLength;
        undelivered.oldestAtMs = Math.min(undelivered.oldestAtMs, atMs);
      }),
    );
  const lastPosition = Math.max(held.last, progress.acknowledged, progress.cursor);
  return {
    files,
    cursor: progress.cursor,
    lastPosition,
    undelivered: {
      records: undelivered.records,
      bytes: undelivered.bytes,
      ...(undelivered.records === 0 ? {} : { oldestAtMs: undelivered.oldestAtMs }),
    },
    missing: held.missingBetween(progress.cursor + 1, lastPosition),
    damaged: await damagedFiles(folder),
  };
}

interface Progress {
  cursor: number;
  acknowledged: number;
}

interface Frame {
  readonly position: number;
  readonly indexInWrite: number;
  readonly atMs: number;
  readonly payload: Buffer;
}

async function scan({ identity }: FoundFolder, found: FoundFile, onFrame: (frame: Frame) => void): Promise<InspectedFile> {
  const file = await nodeFileSystem.open(found.path, 'read');
  const unreadable: { offset: number; bytes: number; isAtEnd: boolean }[] = [];
  let frames = 0;
  let positions: { first: number; last: number } | undefined;
  let writtenMs: { first: number; last: number } | undefined;
  try {
    for await (const items of scanFrames(file, identity, FIRST_FRAME_OFFSET, found.status.bytes))
      for (const item of items) {
        if (item.kind === 'gap') {
          if (item.isZero) continue;
          const isAtEnd = item.endOffset === found.status.bytes;
          const end = isAtEnd ? await endOfContent(file, item.offset, item.endOffset) : item.endOffset;
          unreadable.push({ offset: item.offset, bytes: end - item.offset, isAtEnd });
          continue;
        }
        onFrame(item);
        if (item.indexInWrite === VOID) continue;
        frames++;
        positions = { first: positions?.first ?? item.position, last: item.position };
        writtenMs = { first: writtenMs?.first ?? item.atMs, last: item.atMs };
      }
  } finally {
    await file.close();
  }
  return {
    name: found.name,
    kind: found.kind === 'SEGM' ? 'segment' : 'cursor',
    bytes: found.status.bytes,
    frames,
    ...(positions === undefined || found.kind === 'CURS' ? {} : { positions }),
    ...(writtenMs === undefined ? {} : { writtenMs }),
    unreadable,
    isHeaderDamaged: found.header.kind === 'damaged',
  };
}

async function damagedFiles(folder: string): Promise<SpoolInspection['damaged']> {
  const damaged = join(folder, 'damaged');
  if ((await nodeFileSystem.status(damaged))?.kind !== 'folder') return [];
  const names = [...(await nodeFileSystem.list(damaged))].sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: (await nodeFileSystem.status(join(damaged, name)))?.bytes ?? 0 })));
}

/** Positions that are there, added in nearly ascending order. */
class Ranges {
  readonly #ranges: { from: number; to: number }[] = [];

  /** @returns false where the first of them is there already */
  add(from: number, to: number): boolean {
    const last = this.#ranges.at(-1);
    if (last !== undefined && from === last.to + 1) {
      last.to = to;
      return true;
    }
    if (this.#ranges.some((each) => from >= each.from && from <= each.to)) return false;
    this.#ranges.push({ from, to });
    return true;
  }

  get last(): number {
    return Math.max(0, ...this.#ranges.map(({ to }) => to));
  }

  missingBetween(from: number, to: number): { readonly from: number; readonly to: number }[] {
    const missing: { from: number; to: number }[] = [];
    let next = from;
    for (const range of this.#ranges.toSorted((one, other) => one.from - other.from)) {
      if (range.to < next) continue;
      if (range.from > next) missing.push({ from: next, to: Math.min(range.from - 1, to) });
      next = Math.max(next, range.to + 1);
      if (next > to) break;
    }
    if (next <= to) missing.push({ from: next, to });
    return missing;
  }
}
