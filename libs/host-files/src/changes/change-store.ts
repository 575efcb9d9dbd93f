import { mkdirSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { makeFolder } from '../make-folder.ts';
import { isSystemError } from '../system-error.ts';
import { writeFailure } from '../write-failure.ts';
import { syncFolder, writeFileAtomically } from '../write-file.ts';
import { Change, type ChangeTools, type OnStep } from './change.ts';
import { changePaths, type RecordOptions, readRecord, recordOf, writeRecord } from './change-record.ts';
import { appendEntry, readEntries } from './journal.ts';
import { holdLock } from './lock.ts';
import type { ChangePlan } from './plan.ts';

export interface ChangeStoreOptions {
  /** Where the backups and journals lie; never inside a folder whose files something runs, such as the kubelet's manifests. */
  readonly folder: string;
  readonly now?: () => number;
  readonly onStep?: OnStep;
}

export interface ChangeStore {
  /** Writes down what is to be done and everything needed to take it back. Nothing else is touched yet. */
  begin(title: string, plan: ChangePlan, options?: RecordOptions): Promise<Change>;
  /** A change that was interrupted; nothing else may begin before it is resumed or rolled back. */
  readonly unfinished: Change | undefined;
  /** Finished and not undone, the oldest first. */
  readonly standing: readonly Change[];
  /** Removes the bytes that nothing goes back to any more (they may hold keys): of changes that are undone or rolled back, and of their undos. */
  forgetEnded(): Promise<void>;
  close(): void;
}

/**
 * The changes made to the files of this host, one folder each, numbered. Held by one process at a time.
 *
 * @throws Failure ALREADY_RUNNING, FILE_UNWRITABLE, FILE_IS_SYMLINK, CHANGE_UNREADABLE
 */
export async function openChangeStore({ folder, now = Date.now, onStep = () => undefined }: ChangeStoreOptions): Promise<ChangeStore> {
  await makeFolder(folder, { mode: 0o700 });
  const lock = holdLock(join(folder, 'lock'));
  try {
    const tools = { now, onStep };
    const changes = await readChanges(folder, tools);
    const unfinished = changes.find(({ state }) => !ENDED.has(state));
    return {
      unfinished,
      standing: standingOf(changes),
      async begin(title, plan, options = {}) {
        if (unfinished !== undefined && !ENDED.has(unfinished.state)) throw interrupted(unfinished);
        return await begin(folder, title, plan, options, tools);
      },
      async forgetEnded() {
        const now = await readChanges(folder, tools);
        const kept = new Set(standingOf(now).map(({ id }) => id));
        for (const { id, state, folder: at } of now)
          if (ENDED.has(state) && !kept.has(id))
            for (const part of ['before', 'after']) await rm(join(at, part), { recursive: true, force: true });
      },
      close: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether anything was ever changed here: a store is not made by looking. */
export async function hasChanges(folder: string): Promise<boolean> {
  return (await changeNames(folder)).length > 0;
}

const ENDED: ReadonlySet<string> = new Set(['done', 'rolled-back']);

/** An undo counts once it is finished; one that was itself rolled back leaves what it would have undone. */
function standingOf(changes: readonly Change[]): readonly Change[] {
  const done = changes.filter(({ state }) => state === 'done');
  const undone = new Set(done.flatMap(({ record }) => record.undoes));
  return done.filter(({ id, record }) => !undone.has(id) && record.undoes.length === 0);
}

export function interrupted(change: Change): Failure {
  return new Failure('CHANGE_INTERRUPTED', `"${change.record.title}" of ${change.record.at} was interrupted (${change.state}).`, {
    hint: 'Finish it with --resume, or take it back with --rollback.',
  });
}

async function begin(folder: string, title: string, plan: ChangePlan, options: RecordOptions, tools: ChangeTools): Promise<Change> {
  const at = await newFolder(folder);
  try {
    const record = recordOf(title, plan, options, tools.now());
    await tools.onStep('recording');
    await writeRecord(at, record);
    await tools.onStep('recorded');
    const change = new Change(at, record, 'planned', tools);
    await appendEntry(changePaths(at).journal, { state: 'planned', at: record.at });
    await tools.onStep('planned');
    for (const [index, file] of plan.files.entries()) {
      if (file.before.kind === 'file') await writeFileAtomically(changePaths(at).before(index), file.beforeBytes, { mode: 0o600 });
      await tools.onStep(`backed up ${index}`);
      if (file.after.kind === 'file') await writeFileAtomically(changePaths(at).after(index), file.afterBytes, { mode: 0o600 });
    }
    await appendEntry(changePaths(at).journal, { state: 'backed-up', at: new Date(tools.now()).toISOString() });
    await tools.onStep('backed-up');
    return new Change(change.folder, record, 'backed-up', tools);
  } catch (error) {
    throw isSystemError(error) ? writeFailure(at, error) : error;
  }
}

async function newFolder(folder: string): Promise<string> {
  const last = Number((await changeNames(folder)).at(-1) ?? 0);
  const at = join(folder, String(last + 1).padStart(4, '0'));
  await mkdir(at, { mode: 0o700 });
  for (const part of ['before', 'after']) mkdirSync(join(at, part), { mode: 0o700 });
  await syncFolder(at);
  await syncFolder(dirname(at));
  return at;
}

async function readChanges(folder: string, tools: ChangeTools): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const name of await changeNames(folder)) {
    const at = join(folder, name);
    const record = await readRecord(at);
    // Killed before the record was there: nothing else can have happened.
    if (record === undefined) continue;
    const state = (await readEntries(changePaths(at).journal)).at(-1)?.state ?? 'planned';
    changes.push(new Change(at, record, state, tools));
  }
  return changes;
}

async function changeNames(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isSystemError(error) && error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => /^\d{4,}$/.test(name)).sort((one, other) => Number(one) - Number(other));
}
