import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What a loss of power would have left of a folder, from the journal that fault-layer.c wrote of it.
 *
 * The model is worse than any real disk, and allowed to each: of what was written since a file's last finished fdatasync, every
 * sector of 512 bytes and every change of length survives or not, for itself; of what happened to a folder's names since its last
 * finished fsync, every change survives or not, for itself. Nothing else is kept back: what a finished sync covered is there.
 *
 * Only calls that had returned when the sync began count as covered by it. The journal notes a write when it begins; the spool
 * never writes to a file while that file is being synced (libs/spool/src/file-system.ts), so the two are the same here.
 */
export type Image = ReadonlyMap<string, Buffer>;

/** A call in the journal. File ids are the layer's; names are relative to the folder. */
export type DiskCall =
  | { readonly kind: 'create' | 'open'; readonly file: number; readonly name: string }
  | { readonly kind: 'write'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'append'; readonly file: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: number; readonly size: number }
  | { readonly kind: 'sync-begins' | 'sync-ends'; readonly file: number }
  | { readonly kind: 'folder-sync-begins' | 'folder-sync-ends'; readonly name: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly name: string };

const HEAD_BYTES = 17;

/** A record that the kill cut short is not there: its call may have happened, and counts as unsynced in any case. */
export function parseJournal(journal: Buffer): DiskCall[] {
  const calls: DiskCall[] = [];
  for (let at = 0; at + HEAD_BYTES <= journal.length; ) {
    const end = at + HEAD_BYTES + journal.readUInt32LE(at + 13);
    if (end > journal.length) break;
    calls.push(
      toCall(
        String.fromCharCode(journal[at] as number),
        journal.readInt32LE(at + 1),
        Number(journal.readBigInt64LE(at + 5)),
        journal.subarray(at + HEAD_BYTES, end),
      ),
    );
    at = end;
  }
  return calls;
}

function toCall(letter: string, file: number, number: number, bytes: Buffer): DiskCall {
  const name = bytes.toString('utf8');
  switch (letter) {
    case 'c':
      return { kind: 'create', file, name };
    case 'o':
      return { kind: 'open', file, name };
    case 'w':
      return { kind: 'write', file, at: number, bytes };
    case 'a':
      return { kind: 'append', file, bytes };
    case 't':
      return { kind: 'truncate', file, size: number };
    case 'S':
      return { kind: 'sync-begins', file };
    case 's':
      return { kind: 'sync-ends', file };
    case 'F':
      return { kind: 'folder-sync-begins', name };
    case 'f':
      return { kind: 'folder-sync-ends', name };
    case 'r': {
      const [from = '', to = ''] = name.split('\0');
      return { kind: 'rename', from, to };
    }
    case 'u':
      return { kind: 'unlink', name };
    default:
      throw new Error(`the journal holds a call of kind ${JSON.stringify(letter)}`);
  }
}

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly size: number };
type NameChange = { readonly sequence: number; readonly folder: string; readonly remove?: string; readonly put?: readonly [string, Inode] };

interface Inode {
  synced: Buffer;
  size: number;
  changes: Change[];
  /** How many of the changes a sync under way covers. */
  covered: number;
}

const SECTOR_BYTES = 512;

/** @param before the folder as it was, all of it durable, when the process began */
export function imageAfterPowerLoss(before: Image, calls: readonly DiskCall[], random: () => number): Image {
  const disk = new DiskModel(before);
  for (const call of calls) disk.apply(call);
  return disk.afterPowerLoss(random);
}

class DiskModel {
  readonly #names = new Map<string, Inode>();
  readonly #durableNames: Map<string, Inode>;
  readonly #inodes = new Map<number, Inode>();
  #unsyncedNames: NameChange[] = [];
  #sequence = 0;
  /** Of each folder's syncs under way, oldest first: the last change of a name before it began. */
  readonly #folderSyncs = new Map<string, readonly number[]>();

  constructor(before: Image) {
    for (const [name, bytes] of before) this.#names.set(name, { synced: bytes, size: bytes.length, changes: [], covered: 0 });
    this.#durableNames = new Map(this.#names);
  }

  apply(call: DiskCall): void {
    switch (call.kind) {
      case 'create':
      case 'open':
        this.#open(call.file, call.name);
        break;
      case 'write':
        change(this.#inodeOf(call.file), { at: call.at, bytes: call.bytes });
        break;
      case 'append':
        change(this.#inodeOf(call.file), { at: this.#inodeOf(call.file).size, bytes: call.bytes });
        break;
      case 'truncate':
        change(this.#inodeOf(call.file), { size: call.size });
        break;
      case 'sync-begins':
        this.#inodeOf(call.file).covered = this.#inodeOf(call.file).changes.length;
        break;
      case 'sync-ends':
        sync(this.#inodeOf(call.file));
        break;
      case 'folder-sync-begins':
        this.#folderSyncs.set(call.name, [...(this.#folderSyncs.get(call.name) ?? []), this.#sequence]);
        break;
      case 'folder-sync-ends':
        this.#syncFolder(call.name);
        break;
      case 'rename':
        this.#rename(call.from, call.to);
        break;
      case 'unlink':
        this.#names.delete(call.name);
        this.#changeName({ folder: folderOf(call.name), remove: call.name });
        break;
    }
  }

  afterPowerLoss(random: () => number): Image {
    const names = new Map(this.#durableNames);
    for (const each of this.#unsyncedNames) if (random() < 0.5) changeName(names, each);
    return new Map([...names].map(([name, inode]) => [name, contentAfterPowerLoss(inode, random)]));
  }

  #inodeOf(file: number): Inode {
    const inode = this.#inodes.get(file);
    if (inode === undefined) throw new Error(`the journal speaks of file ${file} before it was opened`);
    return inode;
  }

  #open(file: number, name: string): void {
    let inode = this.#names.get(name);
    if (inode === undefined) {
      inode = { synced: Buffer.alloc(0), size: 0, changes: [], covered: 0 };
      this.#names.set(name, inode);
      this.#changeName({ folder: folderOf(name), put: [name, inode] });
    }
    this.#inodes.set(file, inode);
  }

  #rename(from: string, to: string): void {
    const inode = this.#names.get(from);
    if (inode === undefined) throw new Error(`the journal renames ${from}, which is not there`);
    this.#names.delete(from);
    this.#names.set(to, inode);
    this.#changeName({ folder: folderOf(to), remove: from, put: [to, inode] });
  }

  #changeName(change: Omit<NameChange, 'sequence'>): void {
    this.#unsyncedNames.push({ ...change, sequence: ++this.#sequence });
  }

  /** Which of several syncs of one folder has ended, the journal does not say: the oldest covers least. */
  #syncFolder(folder: string): void {
    const [upTo = 0, ...others] = this.#folderSyncs.get(folder) ?? [];
    this.#folderSyncs.set(folder, others);
    const isCovered = (each: NameChange): boolean => each.folder === folder && each.sequence <= upTo;
    for (const each of this.#unsyncedNames.filter(isCovered)) changeName(this.#durableNames, each);
    this.#unsyncedNames = this.#unsyncedNames.filter((each) => !isCovered(each));
  }
}

function change(inode: Inode, each: Change): void {
  inode.changes.push(each);
  inode.size = 'size' in each ? each.size : Math.max(inode.size, each.at + each.bytes.length);
}

function sync(inode: Inode): void {
  inode.synced = inode.changes.slice(0, inode.covered).reduce(applied, inode.synced);
  inode.changes = inode.changes.slice(inode.covered);
  inode.covered = 0;
}

function changeName(names: Map<string, Inode>, { remove, put }: NameChange): void {
  if (remove !== undefined) names.delete(remove);
  if (put !== undefined) names.set(...put);
}

function folderOf(name: string): string {
  const folder = dirname(name);
  return folder === '.' ? '' : folder;
}

function contentAfterPowerLoss(inode: Inode, random: () => number): Buffer {
  let content = inode.synced;
  for (const change of inode.changes) {
    if ('size' in change) {
      if (random() < 0.5) content = applied(content, change);
    } else
      for (let at = 0; at < change.bytes.length; at += SECTOR_BYTES)
        if (random() < 0.5) content = applied(content, { at: change.at + at, bytes: change.bytes.subarray(at, at + SECTOR_BYTES) });
  }
  return content;
}

function applied(content: Buffer, change: Change): Buffer {
  const size = 'size' in change ? change.size : Math.max(content.length, change.at + change.bytes.length);
  const next = Buffer.alloc(size);
  content.copy(next, 0, 0, Math.min(content.length, size));
  if ('bytes' in change) change.bytes.copy(next, change.at);
  return next;
}

/** Every file of a folder, by its path in it. */
export function readImage(folder: string): Image {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path)];
    }),
  );
}

/** Puts the folder into the state of an image. */
export function writeImage(folder: string, image: Image): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  for (const [name, bytes] of image) {
    mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, name), bytes, { mode: 0o600 });
  }
}
