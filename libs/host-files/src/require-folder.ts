import { stat } from 'node:fs/promises';
import { Failure } from '@k8s-audit/failure';

/**
 * Makes sure that a folder that somebody named is there, before work that would otherwise find nothing in it.
 *
 * @throws Failure FILE_MISSING, FILE_NOT_REGULAR where it is a file, FILE_UNREADABLE where this user may not look
 */
export async function requireFolder(path: string): Promise<void> {
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EACCES')
      throw new Failure('FILE_UNREADABLE', `This user may not look for ${path}.`, { hint: 'Run it with sudo.', cause });
    throw new Failure('FILE_MISSING', `There is no folder ${path}.`, { hint: 'Check the path.', cause });
  });
  if (!stats.isDirectory()) throw new Failure('FILE_NOT_REGULAR', `${path} is no folder.`, { hint: 'Give the path of a folder.' });
}
