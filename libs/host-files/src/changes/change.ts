import { readdir, readFile, rm, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { makeFolder } from '../make-folder.ts';
import { isSystemError } from '../system-error.ts';
import { writeFailure } from '../write-failure.ts';
import { syncFolder, writeFileAtomically } from '../write-file.ts';
import { type ChangeRecord, changePaths } from './change-record.ts';
import { type FileState, isSameState, readFileState, sha256Of } from './file-state.ts';
import { appendEntry, type ChangeState } from './journal.ts';

/** Told before each step that a crash could fall behind; a test ends the process here. */
export type OnStep = (step: string) => void | Promise<void>;

export interface ChangeTools {
  readonly now: () => number;
  readonly onStep: OnStep;
}

/**
 * A change of several files that is made wholly or not at all: whatever interrupts it, `apply` or `rollBack` can be called again, by another
 * process, and ends with all files after or all files before.
 */
export class Change {
  readonly folder: string;
  readonly record: ChangeRecord;
  readonly #tools: ChangeTools;
  #state: ChangeState;

  constructor(folder: string, record: ChangeRecord, state: ChangeState, tools: ChangeTools) {
    this.folder = folder;
    this.record = record;
    this.#state = state;
    this.#tools = tools;
  }

  get state(): ChangeState {
    return this.#state;
  }

  /** The name of its folder. */
  get id(): string {
    return basename(this.folder);
  }

  /**
   * Goes on after an interruption, in the direction that had been taken. `applied`: whoever asked must still see it work, then `finish`.
   *
   * @throws as `apply` and `rollBack`
   */
  async resume(): Promise<'applied' | 'rolled-back'> {
    // Without all copies on disk there is no way forward, and none is needed back.
    const isForward = this.#state !== 'planned' && this.#state !== 'rolling-back';
    await (isForward ? this.apply() : this.rollBack());
    return isForward ? 'applied' : 'rolled-back';
  }

  /**
   * Writes what is not written yet, in order.
   *
   * @throws Failure FILE_CHANGED_MEANWHILE, before anything is written; FILE_UNWRITABLE, with some files written: roll back
   */
  async apply(): Promise<void> {
    const current = await this.#currentStates();
    for (const folder of this.record.folders) await makeFolder(folder, { mode: 0o755, existing: 'keep' });
    for (const [index, file] of this.record.files.entries()) {
      if (isSameState(current[index] as FileState, file.after)) continue;
      await this.#enter('writing', index);
      await this.#put(file.path, file.after, changePaths(this.folder).after(index));
    }
    await this.#enter('applied');
  }

  /** Keeps it: the bytes from before stay for an undo, the new ones (they may hold a key) go. */
  async finish(): Promise<void> {
    await this.#enter('verified');
    await removeEmptyFolders(this.record.obsoleteFolders);
    await rm(join(this.folder, 'after'), { recursive: true, force: true });
    await this.#enter('done');
  }

  /**
   * Puts every file back, the last written first.
   *
   * @throws Failure FILE_CHANGED_MEANWHILE, before anything is put back
   */
  async rollBack(): Promise<void> {
    if (this.#state === 'planned' || this.#state === 'backed-up') return await this.#enter('rolled-back');
    const { files, folders } = this.record;
    const current = await this.#currentStates();
    await this.#enter('rolling-back');
    // What they took is what is needed to put the old ones back on a full disk.
    await rm(join(this.folder, 'after'), { recursive: true, force: true });
    for (const [index, file] of [...files.entries()].reverse()) {
      if (isSameState(current[index] as FileState, file.before)) continue;
      await this.#enter('rolling-back', index);
      await this.#put(file.path, file.before, changePaths(this.folder).before(index));
    }
    await removeEmptyFolders(folders);
    await this.#enter('rolled-back');
  }

  /** What file N held before. Undefined: there was none. */
  async bytesBefore(index: number): Promise<Buffer | undefined> {
    return this.record.files[index]?.before.kind === 'file' ? await readFile(changePaths(this.folder).before(index)) : undefined;
  }

  async #enter(state: ChangeState, file?: number): Promise<void> {
    const at = new Date(this.#tools.now()).toISOString();
    await this.#tools.onStep(`${state}${file === undefined ? '' : ` ${file}`}`);
    await appendEntry(changePaths(this.folder).journal, { state, at, ...(file === undefined ? {} : { file }) });
    this.#state = state;
    await this.#tools.onStep(`${state}${file === undefined ? '' : ` ${file}`} noted`);
  }

  async #put(path: string, state: FileState, source: string): Promise<void> {
    try {
      if (state.kind === 'absent') {
        await unlink(path).catch(ignore('ENOENT'));
        await syncFolder(dirname(path));
        return;
      }
      const bytes = await readFile(source);
      if (sha256Of(bytes) !== state.sha256)
        throw new Failure('CHANGE_UNREADABLE', `${source} is not what was put there.`, {
          hint: `The record beside it says what ${path} should hold.`,
        });
      await writeFileAtomically(path, bytes, { mode: state.mode, owner: state.owner, existing: 'replace' });
    } catch (error) {
      throw isSystemError(error) ? writeFailure(path, error) : error;
    }
  }

  /** Each file must be as before or as after: anything else is somebody's work, which is not overwritten. */
  async #currentStates(): Promise<readonly FileState[]> {
    const states: FileState[] = [];
    const changed: string[] = [];
    for (const { path, before, after } of this.record.files) {
      await removeTornFiles(path);
      const { state } = await readFileState(path);
      if (!isSameState(state, before) && !isSameState(state, after)) changed.push(path);
      states.push(state);
    }
    if (changed.length > 0)
      throw new Failure('FILE_CHANGED_MEANWHILE', `Changed by somebody else meanwhile: ${changed.join(', ')}.`, {
        hint: `Nothing more is written. What they held before lies in ${join(this.folder, 'before')}; change.json there says which number is which file.`,
      });
    return states;
  }
}

async function removeEmptyFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders.toReversed()) await rmdir(folder).catch(ignore('ENOENT', 'ENOTEMPTY'));
}

/** The temporary files of a write that was killed; their names are those of `writeFileAtomically`. */
async function removeTornFiles(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch((error: unknown) => {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  });
  const prefix = `.${basename(path)}.`;
  for (const name of names)
    if (name.startsWith(prefix) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length)))
      await unlink(join(dirname(path), name)).catch(ignore('ENOENT'));
}

function ignore(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (isSystemError(error) && codes.includes(error.code)) return undefined;
    throw error;
  };
}
