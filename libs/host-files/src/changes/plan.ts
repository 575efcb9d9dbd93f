import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Owner } from '../owner.ts';
import { type FileState, fileState, isSameState, readFileState } from './file-state.ts';

/** A file as it should be. */
export interface WantedFile {
  readonly path: string;
  /** `undefined`: there should be none. */
  readonly content: string | Uint8Array | undefined;
  /** Permission bits. Absent: as they are, or 0o644 for a new file. */
  readonly mode?: number;
  /** Absent: as it is, or this process for a new file. */
  readonly owner?: Owner;
}

/** What has to be done to one file, and all that is needed to take it back. */
export interface PlannedFile {
  readonly path: string;
  readonly before: FileState;
  readonly after: FileState;
  readonly beforeBytes: Buffer;
  readonly afterBytes: Buffer;
}

/** Files in the order in which they are to be written; what is already as it should be is left out. */
export interface ChangePlan {
  readonly files: readonly PlannedFile[];
  /** Folders that have to be made, the outermost first. */
  readonly folders: readonly string[];
}

/** Looks at the disk and changes nothing. @throws what `readFileState` throws */
export async function planChanges(wanted: readonly WantedFile[]): Promise<ChangePlan> {
  const files: PlannedFile[] = [];
  for (const { path, content, mode, owner } of wanted) {
    const { state: before, bytes: beforeBytes } = await readFileState(path);
    const afterBytes = Buffer.from(content ?? '');
    const is = before.kind === 'file' ? before : undefined;
    const after: FileState =
      content === undefined
        ? { kind: 'absent' }
        : fileState(
            afterBytes,
            mode ?? is?.mode ?? 0o644,
            owner ?? is?.owner ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
          );
    if (!isSameState(before, after)) files.push({ path, before, after, beforeBytes, afterBytes });
  }
  const written = files.filter(({ after }) => after.kind === 'file').map(({ path }) => dirname(path));
  return { files, folders: [...new Set(written.flatMap(missingFolders))] };
}

function missingFolders(folder: string): readonly string[] {
  return existsSync(folder) || dirname(folder) === folder ? [] : [...missingFolders(dirname(folder)), folder];
}
