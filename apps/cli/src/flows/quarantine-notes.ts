import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A note of the receiver on an item that it could not take: enough to find and count it, none of its content. */
export interface QuarantineNote {
  readonly at: string;
  readonly origin: { readonly cluster: string; readonly apiServer: string; readonly source: string };
  readonly place: string;
  readonly reason: string;
  readonly index?: number;
  readonly byteLength: number;
  readonly sha256: string;
}

export interface QuarantineNotes {
  /** Oldest first. */
  readonly notes: readonly QuarantineNote[];
  /** Lines that are none: the last one of a process that was killed while it wrote. */
  readonly unreadableLines: number;
}

/** The receiver's notes in a spool's folder: of its file and of the one before it. A spool without any has none. */
export async function readQuarantineNotes(spoolFolder: string): Promise<QuarantineNotes> {
  const notes: QuarantineNote[] = [];
  let unreadableLines = 0;
  for (const name of ['quarantine.jsonl.1', 'quarantine.jsonl'])
    for (const line of (await readIfThere(join(spoolFolder, 'quarantine', name))).split('\n')) {
      if (line === '') continue;
      const note = parseNote(line);
      if (note === undefined) unreadableLines++;
      else notes.push(note);
    }
  return { notes, unreadableLines };
}

async function readIfThere(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

function parseNote(line: string): QuarantineNote | undefined {
  try {
    const note = JSON.parse(line) as Partial<QuarantineNote> | null;
    const isNote = typeof note?.reason === 'string' && typeof note.at === 'string' && typeof note.origin?.cluster === 'string';
    return isNote ? (note as QuarantineNote) : undefined;
  } catch {
    return undefined;
  }
}
