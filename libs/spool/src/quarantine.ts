import { basename, join } from 'node:path';
import type { SpoolFile, SpoolFileSystem } from './file-system.ts';
import { readSparing } from './frame-scan.ts';
import { ignore } from './log-file.ts';
import type { RegionCopy } from './spool-events.ts';

/** What the folder holds: for a person who wants to know what was lost, and perhaps mend it. Nothing reads it again. */
export interface QuarantineUsage {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Keeps what the spool could not read: copies of damaged regions, named by file and offset, and files that are not the
 * spool's. A copy that is there already is not made again, so that a damaged file at every start does not fill the disk.
 */
export class Quarantine {
  readonly #fileSystem: SpoolFileSystem;
  readonly #folder: string;
  readonly #maxBytes: number;
  #usage: QuarantineUsage = { files: 0, bytes: 0 };

  constructor(fileSystem: SpoolFileSystem, spoolFolder: string, maxBytes: number) {
    this.#fileSystem = fileSystem;
    this.#folder = join(spoolFolder, 'damaged');
    this.#maxBytes = maxBytes;
  }

  get usage(): QuarantineUsage {
    return this.#usage;
  }

  /** Counts what earlier runs left. */
  async open(): Promise<void> {
    if ((await this.#fileSystem.status(this.#folder)) === undefined) return;
    for (const name of await this.#fileSystem.list(this.#folder)) {
      const status = await this.#fileSystem.status(join(this.#folder, name));
      if (status?.kind === 'file') this.#count(status.bytes);
    }
  }

  /** Copies a region of a file. A disk that cannot take the copy stops nothing: the region stays where it is until its file ages out. */
  async keepRegion(name: string, file: SpoolFile, offset: number, endOffset: number): Promise<RegionCopy> {
    const path = join(this.#folder, `${name}-at-${offset}`);
    try {
      if ((await this.#fileSystem.status(path)) !== undefined) return 'known';
      if (this.#usage.bytes + endOffset - offset > this.#maxBytes) return 'no-room';
      await this.#fileSystem.makeFolder(this.#folder);
      const copy = await this.#fileSystem.open(path, 'create');
      try {
        for (let at = offset; at < endOffset; at += PIECE_BYTES) {
          const piece = Buffer.alloc(Math.min(PIECE_BYTES, endOffset - at));
          await readSparing(file, piece, at);
          await copy.write(piece, at - offset);
        }
        await copy.datasync();
      } catch (error) {
        await this.#fileSystem.unlink(path).catch(ignore);
        throw error;
      } finally {
        await copy.close();
      }
      await this.#fileSystem.syncFolder(this.#folder);
    } catch {
      return 'failed';
    }
    this.#count(endOffset - offset);
    return 'copied';
  }

  /** Moves a whole file out of the spool's way. Throws the disk's error: the spool must not work around a file that it cannot move. */
  async setAside(path: string, bytes: number): Promise<void> {
    await this.#fileSystem.makeFolder(this.#folder);
    let target = join(this.#folder, basename(path));
    for (let copy = 2; (await this.#fileSystem.status(target)) !== undefined; copy++)
      target = join(this.#folder, `${basename(path)}-${copy}`);
    await this.#fileSystem.rename(path, target);
    await this.#fileSystem.syncFolder(this.#folder);
    this.#count(bytes);
  }

  #count(bytes: number): void {
    this.#usage = { files: this.#usage.files + 1, bytes: this.#usage.bytes + bytes };
  }
}

const PIECE_BYTES = 1 << 20;
