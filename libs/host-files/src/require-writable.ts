import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFailure } from './write-failure.ts';

/**
 * For a dry run: makes sure that a file could be written into its folder, and writes nothing.
 *
 * @throws Failure FILE_UNWRITABLE, as `writeFileAtomically` would
 */
export async function requireWritable(path: string): Promise<void> {
  try {
    // With the dot a file in the folder's place is none.
    await access(`${dirname(path)}/.`, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw writeFailure(path, error as NodeJS.ErrnoException);
  }
}
