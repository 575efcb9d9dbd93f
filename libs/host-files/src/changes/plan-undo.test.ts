import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ChangeStore, openChangeStore } from './change-store.ts';
import { planChanges } from './plan.ts';
import { type OwnPartsOut, planUndo } from './plan-undo.ts';

let root: string;
let store: ChangeStore;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'undo-'));
  await reopen();
});
afterEach(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});
const at = (name: string): string => join(root, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');

async function reopen(): Promise<void> {
  store?.close();
  store = await openChangeStore({ folder: at('backup') });
}

async function write(files: Record<string, string>): Promise<void> {
  const change = await store.begin('w', await planChanges(Object.entries(files).map(([name, content]) => ({ path: at(name), content }))));
  await change.apply();
  await change.finish();
  await reopen();
}

/** Our part of a file is its lines that begin with "ours". */
function withoutOurs({ current }: { readonly current: string }): OwnPartsOut {
  const [takenOut, left] = [current.match(/^ours.*\n/gm) ?? [], current.match(/^OURS.*\n/gm) ?? []];
  return { text: current.replace(/^ours.*\n/gm, ''), takenOut, left };
}

async function undo(): Promise<Awaited<ReturnType<typeof planUndo>>['paths']> {
  const { wanted, paths, record } = await planUndo(store.standing, withoutOurs);
  const change = await store.begin('undo', await planChanges(wanted), record);
  await change.apply();
  await change.finish();
  await reopen();
  return paths;
}

it('goes back through several changes to the very bytes, mode included, and to no file where there was none', async () => {
  writeFileSync(at('pod'), 'a\n');
  chmodSync(at('pod'), 0o600);
  await write({ pod: 'a\nours 1\n', policy: 'one' });
  await write({ pod: 'a\nours 1\nours 2\n', policy: 'two' });

  expect((await undo()).map(({ path, how }) => [path, how])).toEqual([
    [at('policy'), 'removed'],
    [at('pod'), 'as-before'],
  ]);
  expect([text('pod'), statSync(at('pod')).mode & 0o777, existsSync(at('policy'))]).toEqual(['a\n', 0o600, false]);
  expect(store.standing).toEqual([]);
});

it('takes only its own parts out of what somebody has edited since, and says which', async () => {
  writeFileSync(at('pod'), 'a\n');
  await write({ pod: 'a\nours\n' });
  writeFileSync(at('pod'), 'top\na\nours\nOURS changed\n');

  expect(await undo()).toEqual([{ path: at('pod'), how: 'own-parts', takenOut: ['ours\n'], left: ['OURS changed\n'] }]);
  expect(text('pod')).toBe('top\na\nOURS changed\n');
});

it('also where the edit came between two changes: back to the edit, and then out of it', async () => {
  writeFileSync(at('pod'), 'a\n');
  await write({ pod: 'a\nours\n' });
  writeFileSync(at('pod'), 'a\nours\ntheirs\n');
  await write({ pod: 'a\nours\ntheirs\nours too\n' });
  await undo();
  expect(text('pod')).toBe('a\ntheirs\n');
});

it('leaves a file alone that it made and somebody has edited, or removed', async () => {
  await write({ policy: 'ours\n', gone: 'ours\n' });
  writeFileSync(at('policy'), 'theirs\n');
  rmSync(at('gone'));
  expect((await undo()).map(({ how }) => how)).toEqual(['removed', 'left']);
  expect([text('policy'), existsSync(at('gone'))]).toEqual(['theirs\n', false]);
});

it('can be asked twice, and an undo that was rolled back undoes nothing', async () => {
  writeFileSync(at('pod'), 'a\n');
  await write({ pod: 'b\n' });
  const { wanted, record } = await planUndo(store.standing, withoutOurs);
  const change = await store.begin('undo', await planChanges(wanted), record);
  await change.apply();
  await change.rollBack();
  await reopen();
  expect([text('pod'), store.standing.length]).toEqual(['b\n', 1]);
  await undo();
  expect([text('pod'), await undo()]).toEqual(['a\n', []]);
});

it('removes the folders that it made, unless something else lies in them by now', async () => {
  await write({ 'ours/deep/policy': 'p', 'shared/policy': 'p' });
  writeFileSync(at('shared/theirs'), 'x');
  await undo();
  expect([existsSync(at('ours')), existsSync(at('shared/policy')), existsSync(at('shared/theirs'))]).toEqual([false, false, true]);
});

it('can forget the bytes that nothing goes back to any more, and keeps every record', async () => {
  const folders = (): readonly string[] => readdirSync(at('backup')).filter((name) => existsSync(at(`backup/${name}/before`)));
  writeFileSync(at('pod'), 'a\n');
  await write({ pod: 'b\n' });
  await store.forgetEnded();
  expect(folders()).toEqual(['0001']);

  await undo();
  const dropped = await store.begin('w', await planChanges([{ path: at('key'), content: 'k' }]));
  await dropped.rollBack();
  await reopen();
  await write({ pod: 'c\n' });
  const open = await store.begin('w', await planChanges([{ path: at('pod'), content: 'd\n' }]));
  await open.apply();
  await store.forgetEnded();

  expect(folders()).toEqual(['0004', '0005']);
  expect(readdirSync(at('backup/0001')).sort()).toEqual(['change.json', 'journal.jsonl']);
  expect(readdirSync(at('backup/0003')).sort()).toEqual(['change.json', 'journal.jsonl']);
  await open.rollBack();
  await reopen();
  await undo();
  expect(text('pod')).toBe('a\n');
});
