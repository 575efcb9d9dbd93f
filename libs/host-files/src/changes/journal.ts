import { constants, existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../write-file.ts';

/**
 * What has been reached of a change. One JSON line each, written behind the last and synced before the next step is taken:
 *
 *   planned      the record stands; nothing of the host has been touched
 *   backed-up    the bytes from before, and the new ones, are on disk beside the record
 *   writing i    file i is about to be replaced (it has its old bytes or its new ones, never a mixture)
 *   applied      every file has its new bytes
 *   verified     whoever asked has seen it work
 *   done         finished; can be undone later
 *   rolling-back decided; from here on it only goes back
 *   rolled-back  every file has its bytes from before
 */
export type ChangeState = 'planned' | 'backed-up' | 'writing' | 'applied' | 'verified' | 'done' | 'rolling-back' | 'rolled-back';

export interface JournalEntry {
  readonly state: ChangeState;
  readonly at: string;
  /** Of `writing` and `rolling-back`: which file. */
  readonly file?: number;
}

export async function appendEntry(path: string, entry: JournalEntry): Promise<void> {
  const isNew = !existsSync(path);
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600);
  try {
    await file.appendFile(`${JSON.stringify(entry)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  if (isNew) await syncFolder(dirname(path));
}

/** A line that a power cut tore counts as not written: what it announced had not begun. */
export async function readEntries(path: string): Promise<readonly JournalEntry[]> {
  if (!existsSync(path)) return [];
  const lines = (await readFile(path, 'utf8')).split('\n');
  return lines.flatMap((line) => {
    const entry = parseEntry(line);
    return entry === undefined ? [] : [entry];
  });
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const value = JSON.parse(line) as JournalEntry;
    return typeof value.state === 'string' ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
