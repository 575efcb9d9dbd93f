import { basename, dirname } from 'node:path';
import type { SpoolFile, SpoolFileSystem } from '../file-system.ts';

/**
 * A call of the spool to its disk, by what it does to which kind of file: `segment-write`, `cursor-datasync`,
 * `folder-sync`, `segment-unlink` … A file is a `spare` from its making until its final name is durable.
 */
export type FaultPoint = `${'segment' | 'cursor' | 'spare' | 'damaged' | 'folder' | 'lock'}-${
  | 'open'
  | 'read'
  | 'write'
  | 'datasync'
  | 'truncate'
  | 'rename'
  | 'unlink'
  | 'sync'
  | 'list'
  | 'take'}`;

/** `middle`: half of a write is done. */
export type FaultMoment = 'before' | 'middle' | 'after';

/** Called at every point; throws to make the call fail there, or ends the process. `path`: what the call is about. */
export type FaultHook = (point: FaultPoint, moment: FaultMoment, path: string) => void;

/** The disk below, with a hook before, in the middle of (writes), and after every call that matters. */
export function withFaultPoints(disk: SpoolFileSystem, hook: FaultHook): SpoolFileSystem {
  const at = async <Result>(point: FaultPoint, path: string, work: () => Promise<Result>): Promise<Result> => {
    hook(point, 'before', path);
    const result = await work();
    hook(point, 'after', path);
    return result;
  };
  // An open file goes along when its name changes.
  const named = new Map<string, Name>();
  return {
    ...disk,
    open: (path, how) =>
      at(`${kindOf(path)}-open`, path, async () => {
        const name = { path };
        named.set(path, name);
        return hookedFile(await disk.open(path, how), name, at, hook);
      }),
    rename: (from, to) =>
      at(`${kindOf(from)}-rename`, from, async () => {
        await disk.rename(from, to);
        const name = named.get(from);
        if (name !== undefined) name.path = to;
      }),
    unlink: (path) => at(`${kindOf(path)}-unlink`, path, () => disk.unlink(path)),
    list: (folder) => at('folder-list', folder, () => disk.list(folder)),
    syncFolder: (folder) => at('folder-sync', folder, () => disk.syncFolder(folder)),
    lock: (path) => at('lock-take', path, () => disk.lock(path)),
  };
}

type At = <Result>(point: FaultPoint, path: string, work: () => Promise<Result>) => Promise<Result>;

interface Name {
  path: string;
}

function hookedFile(file: SpoolFile, name: Name, at: At, hook: FaultHook): SpoolFile {
  return {
    read: (target, offset) => at(`${kindOf(name.path)}-read`, name.path, () => file.read(target, offset)),
    write: (bytes, offset) =>
      at(`${kindOf(name.path)}-write`, name.path, async () => {
        const half = bytes.byteLength >> 1;
        await file.write(bytes.subarray(0, half), offset);
        hook(`${kindOf(name.path)}-write`, 'middle', name.path);
        await file.write(bytes.subarray(half), offset + half);
      }),
    datasync: () => at(`${kindOf(name.path)}-datasync`, name.path, () => file.datasync()),
    truncate: (bytes) => at(`${kindOf(name.path)}-truncate`, name.path, () => file.truncate(bytes)),
    close: () => file.close(),
  };
}

function kindOf(path: string): 'segment' | 'cursor' | 'spare' | 'damaged' {
  const name = basename(path);
  if (basename(dirname(path)) === 'damaged') return 'damaged';
  if (name.endsWith('.new')) return 'spare';
  return name.startsWith('cursor-') ? 'cursor' : 'segment';
}
