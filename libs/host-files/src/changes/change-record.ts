import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { writeFileAtomically } from '../write-file.ts';
import type { FileState } from './file-state.ts';
import type { ChangePlan } from './plan.ts';

/** The file `change.json` of a change: what it is, for people and for whoever takes it back. */
export interface ChangeRecord {
  readonly format: 1;
  readonly title: string;
  readonly at: string;
  readonly files: readonly { readonly path: string; readonly before: FileState; readonly after: FileState }[];
  readonly folders: readonly string[];
  /** Ids of earlier changes that this one takes back. */
  readonly undoes: readonly string[];
  /** Folders that go when the change is finished, if nothing is left in them; the outermost first. */
  readonly obsoleteFolders: readonly string[];
  /** Whatever the caller needs to undo it by something better than bytes. */
  readonly data: unknown;
}

export type RecordOptions = Partial<Pick<ChangeRecord, 'data' | 'undoes' | 'obsoleteFolders'>>;

/**
 *   ID/change.json     this record
 *   ID/journal.jsonl   how far it has come
 *   ID/before/N        bytes of file N from before (none: there was no file), until the store forgets what has ended
 *   ID/after/N         its new bytes, until the change is finished
 */
export function changePaths(folder: string): {
  readonly record: string;
  readonly journal: string;
  readonly before: (index: number) => string;
  readonly after: (index: number) => string;
} {
  return {
    record: join(folder, 'change.json'),
    journal: join(folder, 'journal.jsonl'),
    before: (index) => join(folder, 'before', String(index)),
    after: (index) => join(folder, 'after', String(index)),
  };
}

export function recordOf(
  title: string,
  plan: ChangePlan,
  { data = null, undoes = [], obsoleteFolders = [] }: RecordOptions,
  nowMs: number,
): ChangeRecord {
  return {
    format: 1,
    title,
    at: new Date(nowMs).toISOString(),
    files: plan.files.map(({ path, before, after }) => ({ path, before, after })),
    folders: plan.folders,
    undoes,
    obsoleteFolders,
    data,
  };
}

export async function writeRecord(folder: string, record: ChangeRecord): Promise<void> {
  await writeFileAtomically(changePaths(folder).record, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

/** Undefined: the process died before it was written, and so before anything else. @throws Failure CHANGE_UNREADABLE */
export async function readRecord(folder: string): Promise<ChangeRecord | undefined> {
  const path = changePaths(folder).record;
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as ChangeRecord;
    if (record.format === 1 && Array.isArray(record.files)) return record;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Failure('CHANGE_UNREADABLE', `${path} is no record of a change that this version can read.`, {
    hint: `The bytes from before lie beside it, in ${join(folder, 'before')}.`,
  });
}
