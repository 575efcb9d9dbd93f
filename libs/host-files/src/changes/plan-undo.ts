import type { Change } from './change.ts';
import { type FileState, readFileState, sha256Of } from './file-state.ts';
import type { WantedFile } from './plan.ts';

/** One file that earlier changes wrote, and somebody else has changed since. */
export interface ChangedSince {
  readonly path: string;
  readonly change: Change;
  readonly current: string;
}

/** What is left of it once our own parts are out; each part in words. */
export interface OwnPartsOut {
  readonly text: string;
  readonly takenOut: readonly string[];
  readonly left: readonly string[];
}

export interface UndonePath {
  readonly path: string;
  /** `as-before`: the bytes, owner and mode from before. `removed`: there was none before. `own-parts`: others' edits stay. `left`: as it is now. */
  readonly how: 'as-before' | 'removed' | 'own-parts' | 'left';
  readonly takenOut: readonly string[];
  readonly left: readonly string[];
}

export interface UndoPlan {
  readonly wanted: readonly WantedFile[];
  readonly paths: readonly UndonePath[];
  /** What the change that carries it out is begun with. */
  readonly record: { readonly undoes: readonly string[]; readonly obsoleteFolders: readonly string[] };
}

/**
 * What puts the files of `changes` back: the last change first, each file to its bytes from before where nobody else has touched it,
 * else without our own parts. The plan is a change like any other: with a journal, and an undo of its own.
 *
 * @param ownPartsOut undefined: this kind of file is left alone
 */
export async function planUndo(
  changes: readonly Change[],
  ownPartsOut: (file: ChangedSince) => OwnPartsOut | undefined,
): Promise<UndoPlan> {
  const files = new Map<string, Held>();
  // The last written is the first put back: it is what makes use of the others.
  for (const change of changes.toReversed())
    for (const [index, { path, before, after }] of [...change.record.files.entries()].reverse()) {
      const held = files.get(path) ?? (await heldAt(path));
      files.set(
        path,
        await withoutChange(held, change, { path, before, after, bytesBefore: await change.bytesBefore(index) }, ownPartsOut),
      );
    }
  const wanted = [...files].filter(([, { how }]) => how !== 'left').map(([path, held]) => wantedOf(path, held));
  const paths = [...files].map(([path, held]) => ({ path, how: howOf(held), takenOut: held.takenOut, left: held.left }));
  const obsoleteFolders = [...new Set(changes.flatMap(({ record }) => record.folders))];
  return { wanted, paths, record: { undoes: changes.map(({ id }) => id), obsoleteFolders } };
}

interface Held extends Omit<UndonePath, 'path'> {
  readonly content: Buffer | undefined;
  readonly state: FileState;
}

async function heldAt(path: string): Promise<Held> {
  const { state, bytes } = await readFileState(path);
  return { content: state.kind === 'absent' ? undefined : bytes, state, how: 'as-before', takenOut: [], left: [] };
}

async function withoutChange(
  held: Held,
  change: Change,
  file: { readonly path: string; readonly before: FileState; readonly after: FileState; readonly bytesBefore: Buffer | undefined },
  ownPartsOut: (file: ChangedSince) => OwnPartsOut | undefined,
): Promise<Held> {
  if (holds(held, file.after)) return { ...held, content: file.bytesBefore, state: file.before };
  if (holds(held, file.before)) return held;
  const out =
    held.content === undefined || file.before.kind === 'absent'
      ? undefined
      : ownPartsOut({ path: file.path, change, current: held.content.toString('utf8') });
  if (out === undefined) return { ...held, how: 'left', left: [...held.left, 'it was changed since, and stays as it is'] };
  return {
    ...held,
    content: Buffer.from(out.text),
    how: 'own-parts',
    takenOut: [...held.takenOut, ...out.takenOut],
    left: [...held.left, ...out.left],
  };
}

/** By content: somebody who only changed the mode has not edited it. */
function holds({ content }: Held, state: FileState): boolean {
  return content === undefined ? state.kind === 'absent' : state.kind === 'file' && state.sha256 === sha256Of(content);
}

function howOf({ how, content }: Held): UndonePath['how'] {
  return how === 'as-before' && content === undefined ? 'removed' : how;
}

function wantedOf(path: string, { content, state }: Held): WantedFile {
  return { path, content, ...(state.kind === 'file' ? { mode: state.mode, owner: state.owner } : {}) };
}
