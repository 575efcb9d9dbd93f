import { basename, dirname } from 'node:path';
import type { FileStatus, SpoolFile, SpoolFileSystem } from '../file-system.ts';

/**
 * A disk in memory that can lose its power. What was not synced is then there or not, each 512-byte sector of a write
 * and each change of a folder for itself: worse than any real disk, and allowed to every one.
 *
 * It also fails on command: `ENOSPC` for what would need new space, and a failed sync after which the kernel forgets
 * that the pages were dirty, so that the next sync succeeds without writing them.
 */
export interface PowerLossDisk {
  readonly fileSystem: SpoolFileSystem;
  /** After so many more calls nothing answers any more: the moment of the crash. */
  dieAfter(calls: number): void;
  /** Resolves when that has happened. */
  readonly died: Promise<void>;
  /** The disk as the next process finds it. `powerLoss: false`: only the process ended, the kernel kept everything. */
  restart(how: { readonly powerLoss: boolean; readonly random: () => number }): PowerLossDisk;
  /** Bytes that files may still grow by in all; `undefined` for no limit. */
  setFreeBytes(bytes: number | undefined): void;
  /** The next so many syncs of a file fail, and their data is lost for ever. */
  failSyncs(count: number): void;
}

/** `undefined` takes the place of a disk's former life in `restart`. */
export function createPowerLossDisk(folder: string, entries: readonly (readonly [string, Buffer])[] = []): PowerLossDisk {
  const state = new DiskState(folder, new Map(entries.map(([name, content]) => [name, new Inode(content)])));
  return {
    fileSystem: fileSystemOf(state),
    dieAfter: (calls) => {
      state.callsLeft = calls;
    },
    died: state.died,
    restart: ({ powerLoss, random }) => {
      state.isDead = true;
      return createPowerLossDisk(folder, powerLoss ? state.afterPowerLoss(random) : state.asItIs());
    },
    setFreeBytes: (bytes) => {
      state.freeBytes = bytes;
    },
    failSyncs: (count) => {
      state.syncsToFail = count;
    },
  };
}

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly size: number };
type FolderChange = { readonly put?: readonly [string, Inode]; readonly remove?: string };

const SECTOR_BYTES = 512;

class Inode {
  content: Buffer;
  synced: Buffer;
  /** Since the last sync, oldest first. */
  changes: Change[] = [];

  constructor(content: Buffer) {
    this.content = content;
    this.synced = Buffer.from(content);
  }

  apply(change: Change): void {
    this.content = applied(this.content, change);
    this.changes.push(change);
  }

  sync(): void {
    this.synced = Buffer.from(this.content);
    this.changes = [];
  }

  afterPowerLoss(random: () => number): Buffer {
    let content: Buffer = Buffer.from(this.synced);
    for (const change of this.changes) {
      if ('size' in change) {
        if (random() < 0.5) content = applied(content, change);
      } else
        for (let at = 0; at < change.bytes.byteLength; at += SECTOR_BYTES)
          if (random() < 0.5) content = applied(content, { at: change.at + at, bytes: change.bytes.subarray(at, at + SECTOR_BYTES) });
    }
    return content;
  }
}

function applied(content: Buffer, change: Change): Buffer {
  const size = 'size' in change ? change.size : Math.max(content.byteLength, change.at + change.bytes.byteLength);
  const next: Buffer = size === content.byteLength ? content : Buffer.concat([content.subarray(0, size)], size);
  if ('bytes' in change) change.bytes.copy(next, change.at);
  return next;
}

class DiskState {
  readonly folder: string;
  readonly files: Map<string, Inode>;
  syncedFiles: Map<string, Inode>;
  folderChanges: FolderChange[] = [];
  callsLeft: number = Number.POSITIVE_INFINITY;
  freeBytes: number | undefined;
  syncsToFail = 0;
  isDead = false;
  readonly died: Promise<void>;
  #die: () => void = () => {};

  constructor(folder: string, files: Map<string, Inode>) {
    this.folder = folder;
    this.files = files;
    this.syncedFiles = new Map(files);
    this.died = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  /** Every call takes a turn of the event loop, as on a real disk. A dead disk never answers. */
  async call<Result>(work: () => Result): Promise<Result> {
    if (this.callsLeft-- <= 0) {
      this.isDead = true;
      this.#die();
    }
    await new Promise((resolve) => setImmediate(resolve));
    return this.isDead ? new Promise(() => {}) : work();
  }

  change(change: FolderChange): void {
    if (change.remove !== undefined) this.files.delete(change.remove);
    if (change.put !== undefined) this.files.set(...change.put);
    this.folderChanges.push(change);
  }

  asItIs(): [string, Buffer][] {
    return [...this.files].map(([name, inode]) => [name, Buffer.from(inode.content)]);
  }

  afterPowerLoss(random: () => number): [string, Buffer][] {
    const files = new Map(this.syncedFiles);
    for (const { put, remove } of this.folderChanges) {
      if (random() < 0.5) continue;
      if (remove !== undefined) files.delete(remove);
      if (put !== undefined) files.set(...put);
    }
    return [...files].map(([name, inode]) => [name, inode.afterPowerLoss(random)]);
  }
}

function fileSystemOf(disk: DiskState): SpoolFileSystem {
  const inodeOf = (path: string): Inode => {
    const inode = disk.files.get(nameOf(path));
    if (inode === undefined) throw systemError('ENOENT', path);
    return inode;
  };
  /** Names below a folder of the spool's carry it: `damaged/x`. */
  const nameOf = (path: string): string => path.slice(disk.folder.length + 1);
  let isLocked = false;
  return {
    open: (path, how) =>
      disk.call(() => {
        if (how !== 'create') return openInode(disk, inodeOf(path));
        if (disk.files.has(nameOf(path))) throw systemError('EEXIST', path);
        const inode = new Inode(Buffer.alloc(0));
        disk.change({ put: [nameOf(path), inode] });
        return openInode(disk, inode);
      }),
    rename: (from, to) =>
      disk.call(() => {
        disk.change({ remove: nameOf(from), put: [nameOf(to), inodeOf(from)] });
      }),
    unlink: (path) =>
      disk.call(() => {
        const { byteLength } = inodeOf(path).content;
        if (disk.freeBytes !== undefined) disk.freeBytes += byteLength;
        disk.change({ remove: nameOf(path) });
      }),
    list: (folder) =>
      disk.call(() => [...disk.files.keys()].filter((name) => dirname(`${disk.folder}/${name}`) === folder).map((name) => basename(name))),
    makeFolder: () => disk.call(() => {}),
    syncFolder: () =>
      disk.call(() => {
        disk.syncedFiles = new Map(disk.files);
        disk.folderChanges = [];
      }),
    status: (path) => disk.call(() => statusOf(disk, path, nameOf(path))),
    lock: () =>
      disk.call(() => {
        if (isLocked) return undefined;
        isLocked = true;
        return {
          release: async () => {
            isLocked = false;
          },
        };
      }),
  };
}

function statusOf(disk: DiskState, path: string, name: string): FileStatus | undefined {
  const folder = { kind: 'folder', ownerId: 0, mode: 0o700, bytes: 0, modifiedAtMs: 0 } as const;
  if (path === disk.folder || [...disk.files.keys()].some((each) => each.startsWith(`${name}/`))) return folder;
  const inode = disk.files.get(name);
  return inode === undefined ? undefined : { ...folder, kind: 'file', mode: 0o600, bytes: inode.content.byteLength };
}

function openInode(disk: DiskState, inode: Inode): SpoolFile {
  return {
    read: (target, offset) => disk.call(() => inode.content.copy(target, 0, offset, offset + target.byteLength)),
    write: (bytes, offset) =>
      disk.call(() => {
        const growth = Math.max(0, offset + bytes.byteLength - inode.content.byteLength);
        if (disk.freeBytes !== undefined) {
          if (growth > disk.freeBytes) throw systemError('ENOSPC', 'write');
          disk.freeBytes -= growth;
        }
        inode.apply({ at: offset, bytes: Buffer.from(bytes) });
      }),
    datasync: () =>
      disk.call(() => {
        if (disk.syncsToFail > 0) {
          disk.syncsToFail--;
          inode.changes = [];
          throw systemError('EIO', 'fdatasync');
        }
        inode.sync();
      }),
    truncate: (size) =>
      disk.call(() => {
        if (disk.freeBytes !== undefined) disk.freeBytes += Math.max(0, inode.content.byteLength - size);
        inode.apply({ size });
      }),
    close: () => disk.call(() => {}),
  };
}

export function systemError(code: string, what: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
