import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Failure } from '@k8s-audit/failure';
import { isSystemError } from './system-error.ts';

/** Configurations, policies, certificates and manifests are far below; a log given by mistake is not. */
export const DEFAULT_MAX_BYTES: number = 4 * 1024 * 1024;

export interface ReadOptions {
  /** Default 4 MiB. */
  readonly maxBytes?: number;
  /** Default follow: mounted Kubernetes secrets and /etc/alternatives are links. */
  readonly symlinks?: 'follow' | 'refuse';
}

/**
 * Reads a regular file whole.
 *
 * @throws Failure FILE_MISSING, FILE_UNREADABLE (permission, read error), FILE_IS_SYMLINK,
 *   FILE_NOT_REGULAR (a folder, a pipe, a device: never waited for), FILE_TOO_LARGE
 */
export async function readHostFile(path: string, { maxBytes = DEFAULT_MAX_BYTES, symlinks = 'follow' }: ReadOptions = {}): Promise<Buffer> {
  // Without O_NONBLOCK the open of a pipe waits for a writer, for ever.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (symlinks === 'refuse' ? constants.O_NOFOLLOW : 0);
  let file: FileHandle | undefined;
  try {
    file = await open(path, flags);
    return await readWhole(file, path, maxBytes);
  } catch (error) {
    throw isSystemError(error) ? readFailure(path, error) : error;
  } finally {
    await file?.close();
  }
}

/** The same as text. Bytes that are no UTF-8 are refused, not replaced: what is written back must be what was read. */
export async function readHostText(path: string, options?: ReadOptions): Promise<string> {
  const bytes = await readHostFile(path, options);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Failure('FILE_UNREADABLE', `${path} is no UTF-8 text.`, { hint: 'Is it the right file?', cause });
  }
}

async function readWhole(file: FileHandle, path: string, maxBytes: number): Promise<Buffer> {
  const stats = await file.stat();
  if (!stats.isFile())
    throw new Failure('FILE_NOT_REGULAR', `${path} is ${stats.isDirectory() ? 'a folder' : 'no regular file'}.`, {
      hint: 'Give the path of a file.',
    });
  // One byte more than allowed: a file may grow after stat, and files in /proc have no size at all.
  const buffer = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(stats.size, 65_536)) + 1);
  const parts: Buffer[] = [];
  for (let total = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, maxBytes + 1 - total));
    if (bytesRead === 0) return Buffer.concat(parts);
    total += bytesRead;
    if (total > maxBytes)
      throw new Failure('FILE_TOO_LARGE', `${path} holds more than ${maxBytes} bytes.`, { hint: 'Is it the right file?' });
    parts.push(Buffer.from(buffer.subarray(0, bytesRead)));
  }
}

function readFailure(path: string, cause: NodeJS.ErrnoException): Failure {
  switch (cause.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new Failure('FILE_MISSING', `There is no file ${path}.`, { hint: 'Check the path.', cause });
    case 'ELOOP':
      return new Failure('FILE_IS_SYMLINK', `${path} is a symbolic link.`, { hint: 'Give the path of the file itself.', cause });
    case 'EACCES':
    case 'EPERM':
      return new Failure('FILE_UNREADABLE', `${path} may not be read by this user.`, {
        hint: `Run as its owner, or see: ls -l ${path}`,
        cause,
      });
    case 'ENXIO':
      return new Failure('FILE_NOT_REGULAR', `${path} is no regular file.`, { hint: 'Give the path of a file.', cause });
    default:
      return new Failure('FILE_UNREADABLE', `${path} cannot be read: ${cause.message}.`, { hint: 'Check the disk and the path.', cause });
  }
}
