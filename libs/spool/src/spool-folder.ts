import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { errorCode, type FileStatus, type HeldLock, type SpoolFileSystem } from './file-system.ts';
import { FORMAT_VERSION, HEADER_BYTES, type LogKind, type ParsedHeader, parseHeader, type SpoolIdentity } from './format.ts';
import { readSparing } from './frame-scan.ts';
import { ignore, parseLogFileName, UNFINISHED_SUFFIX } from './log-file.ts';

/** A file of the spool as it was found: by its name, and by what its header says. */
export interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly kind: LogKind;
  readonly ordinal: number;
  readonly status: FileStatus;
  readonly header: Exclude<ParsedHeader, { readonly kind: 'newer' }>;
}

export interface FoundFolder {
  /** Whoever worked here last did not leave in order. */
  readonly isMarkedOpen: boolean;
  /** Ascending by ordinal. */
  readonly files: readonly FoundFile[];
  readonly identity: SpoolIdentity;
}

/**
 * Makes the folder if need be, and takes it for this process alone.
 *
 * @throws {Failure} `SPOOL_UNSAFE`, `SPOOL_LOCKED`, `SPOOL_UNUSABLE`
 */
export async function takeFolder(fileSystem: SpoolFileSystem, folder: string, ownerId: number): Promise<HeldLock> {
  try {
    await fileSystem.makeFolder(folder);
    await assertSafe(fileSystem, folder, ownerId);
    const lock = await fileSystem.lock(join(folder, 'lock'));
    if (lock !== undefined) return lock;
  } catch (error) {
    if (error instanceof Failure || errorCode(error) === '') throw error;
    throw unusable(folder, error);
  }
  throw new Failure('SPOOL_LOCKED', `another process works with the spool ${folder}`, {
    hint: 'stop the other receiver, or give this one a folder of its own; the lock goes with the process that holds it',
  });
}

/**
 * A file that is there while a process works in the folder; one that a start finds was left by a process that was killed. Its name is not
 * synced: a loss of power may take it, and then the ends of the other files tell (recover-spool.ts).
 */
const OPEN_MARK = 'open';

/** A disk that refuses will be told of by the records; without the mark a crash may go unmentioned, no more. */
export async function markOpen(fileSystem: SpoolFileSystem, folder: string): Promise<void> {
  const file = await fileSystem.open(join(folder, OPEN_MARK), 'create').catch(ignore);
  await file?.close();
}

/** The last act before the folder is left. */
export async function unmarkOpen(fileSystem: SpoolFileSystem, folder: string): Promise<void> {
  await fileSystem.unlink(join(folder, OPEN_MARK)).catch(ignore);
}

/** @throws {Failure} `SPOOL_UNSAFE`, `SPOOL_UNUSABLE` */
export async function assertSafe(fileSystem: SpoolFileSystem, folder: string, ownerId: number): Promise<void> {
  const status = await fileSystem.status(folder);
  if (status?.kind !== 'folder') {
    const what = status === undefined ? 'is not there' : 'is no folder (or a symbolic link to one)';
    throw new Failure('SPOOL_UNUSABLE', `the spool ${folder} ${what}`, { hint: 'name the folder itself in the configuration' });
  }
  if (status.ownerId !== ownerId)
    throw new Failure('SPOOL_UNSAFE', `the spool ${folder} belongs to user ${status.ownerId}, this process runs as ${ownerId}`, {
      hint: `chown -R ${ownerId} ${folder}, or run as the user that owns it: an owner could change events before they are delivered`,
    });
  if ((status.mode & 0o022) !== 0)
    throw new Failure('SPOOL_UNSAFE', `the spool ${folder} is writable by others (mode ${(status.mode & 0o777).toString(8)})`, {
      hint: `chmod go-w ${folder}: whoever writes there could change events before they are delivered`,
    });
}

/**
 * Reads the header of every file of the spool, and says which spool it is: the identity that most files agree on, so
 * that a foreign file or two do not take it over.
 *
 * @throws {Failure} `SPOOL_NEWER` when a file is of a version that this program does not know; nothing is changed then
 */
export async function inspectFolder(
  fileSystem: SpoolFileSystem,
  folder: string,
): Promise<FoundFolder & { readonly unfinished: readonly string[] }> {
  try {
    const names = [...(await fileSystem.list(folder))].sort();
    const files: FoundFile[] = [];
    for (const name of names) {
      for (const kind of ['SEGM', 'CURS'] as const) {
        const ordinal = parseLogFileName(kind, name);
        if (ordinal !== undefined) files.push(await inspectFile(fileSystem, { name, path: join(folder, name), kind, ordinal }));
      }
    }
    return {
      isMarkedOpen: names.includes(OPEN_MARK),
      files,
      identity: commonIdentity(files),
      unfinished: names.filter(isUnfinished).map((name) => join(folder, name)),
    };
  } catch (error) {
    if (error instanceof Failure || errorCode(error) === '') throw error;
    throw unusable(folder, error);
  }
}

async function inspectFile(fileSystem: SpoolFileSystem, place: Pick<FoundFile, 'name' | 'path' | 'kind' | 'ordinal'>): Promise<FoundFile> {
  const status = (await fileSystem.status(place.path)) as FileStatus;
  if (status.kind !== 'file') return { ...place, status, header: { kind: 'damaged' } };
  const file = await fileSystem.open(place.path, 'read');
  const head = Buffer.alloc(HEADER_BYTES);
  try {
    await readSparing(file, head, 0);
  } finally {
    await file.close();
  }
  const header = parseHeader(head);
  if (header.kind === 'newer')
    throw new Failure('SPOOL_NEWER', `${place.path} has format version ${header.version}, this program knows up to ${FORMAT_VERSION}`, {
      hint: 'go back to the newer version, or let it deliver everything before you install an older one',
    });
  return { ...place, status, header };
}

function commonIdentity(files: readonly FoundFile[]): SpoolIdentity {
  const votes = new Map<string, { readonly identity: SpoolIdentity; count: number }>();
  for (const { header } of files) {
    if (header.kind !== 'intact') continue;
    const { identity } = header.header;
    const name = `${identity.marker} ${identity.seed}`;
    const vote = votes.get(name) ?? { identity, count: 0 };
    vote.count++;
    votes.set(name, vote);
  }
  const winner = [...votes.values()].reduce<{ identity: SpoolIdentity; count: number } | undefined>(
    (best, each) => (best === undefined || each.count > best.count ? each : best),
    undefined,
  );
  return winner?.identity ?? drawIdentity();
}

/** Odd: a marker of zero would look like preallocation. */
function drawIdentity(): SpoolIdentity {
  const bytes = randomBytes(8);
  return { marker: (bytes.readUInt32LE(0) | 1) >>> 0, seed: bytes.readUInt32LE(4) };
}

function isUnfinished(name: string): boolean {
  const stem = name.slice(0, -UNFINISHED_SUFFIX.length);
  return name.endsWith(UNFINISHED_SUFFIX) && (parseLogFileName('SEGM', stem) ?? parseLogFileName('CURS', stem)) !== undefined;
}

export function unusable(folder: string, error: unknown): Failure {
  const code = errorCode(error);
  return new Failure('SPOOL_UNUSABLE', `the spool ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`, {
    hint: code === 'ENOSPC' ? 'free space on its disk' : 'check that the folder is on a writable disk and that this user may write there',
    cause: error,
  });
}
