import * as fs from 'node:fs';
import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, type FileStatus, type SpoolFile, type SpoolFileSystem } from './file-system.ts';
import { takeKernelLock } from './kernel-lock.ts';

/** The disk itself. Callback calls on plain descriptors: on the hot path they cost about half of a FileHandle's. */
export const nodeFileSystem: SpoolFileSystem = {
  open: (path, how) =>
    new Promise((resolve, reject) => {
      fs.open(path, OPEN_FLAGS[how], 0o600, (error, descriptor) => (error ? reject(error) : resolve(openFile(descriptor))));
    }),
  rename,
  unlink,
  list: (folder) => readdir(folder),
  makeFolder,
  syncFolder,
  status: (path) =>
    new Promise((resolve, reject) => {
      fs.lstat(path, (error, stats) => {
        if (error) return errorCode(error) === 'ENOENT' ? resolve(undefined) : reject(error);
        resolve(toStatus(stats));
      });
    }),
  lock: takeKernelLock,
};

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = fs.constants;
/** O_NONBLOCK so that a FIFO under a segment's name is an error and not a wait without end; a regular file ignores it. */
const OPEN_FLAGS = {
  create: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  write: O_RDWR | O_NOFOLLOW | O_NONBLOCK,
} as const;

function openFile(descriptor: number): SpoolFile {
  return {
    read: (target, offset) => readFully(descriptor, target, offset),
    write: (bytes, offset) => writeFully(descriptor, bytes, offset),
    datasync: () => new Promise((resolve, reject) => fs.fdatasync(descriptor, (error) => (error ? reject(error) : resolve()))),
    truncate: (bytes) => new Promise((resolve, reject) => fs.ftruncate(descriptor, bytes, (error) => (error ? reject(error) : resolve()))),
    close: () => new Promise((resolve, reject) => fs.close(descriptor, (error) => (error ? reject(error) : resolve()))),
  };
}

function readFully(descriptor: number, target: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const from = (done: number): void => {
      fs.read(descriptor, target, done, target.byteLength - done, offset + done, (error, count) => {
        if (error) return reject(error);
        if (count === 0 || done + count === target.byteLength) return resolve(done + count);
        from(done + count);
      });
    };
    from(0);
  });
}

/** A full disk or a signal may cut a write short without any error; the rest is written, or its error comes to light. */
function writeFully(descriptor: number, bytes: Uint8Array, offset: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const from = (done: number): void => {
      fs.write(descriptor, bytes, done, bytes.byteLength - done, offset + done, (error, count) => {
        if (error) return reject(error);
        if (done + count === bytes.byteLength) return resolve();
        from(done + count);
      });
    };
    from(0);
  });
}

/** A new folder is itself a name in its parent: the first one made is synced there. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first) return;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function toStatus(stats: fs.Stats): FileStatus {
  return {
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
    ownerId: stats.uid,
    mode: stats.mode & 0o7777,
    bytes: stats.size,
    modifiedAtMs: stats.mtimeMs,
  };
}
