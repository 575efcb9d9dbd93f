import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Change } from './change.ts';
import { type ChangeStore, openChangeStore } from './change-store.ts';
import { planChanges, type WantedFile } from './plan.ts';

const KILLED_CHANGE = join(import.meta.dirname, '../testing/killed-change.ts');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'changes-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A host with a manifest that is changed, a policy that is new, and a note that goes away. */
function host(at: string): void {
  mkdirSync(join(at, 'manifests'), { recursive: true });
  writeFileSync(join(at, 'manifests/pod.yaml'), 'old pod');
  chmodSync(join(at, 'manifests/pod.yaml'), 0o600);
  writeFileSync(join(at, 'note'), 'a note');
}

function wanted(at: string): readonly WantedFile[] {
  return [
    { path: join(at, 'audit/new/policy.yaml'), content: 'policy' },
    { path: join(at, 'note'), content: undefined },
    { path: join(at, 'manifests/pod.yaml'), content: 'new pod' },
  ];
}

const BEFORE = { 'manifests/pod.yaml': 'old pod 600', note: 'a note 644' };
const AFTER = { 'audit/new/policy.yaml': 'policy 644', 'manifests/pod.yaml': 'new pod 600' };

function filesOf(at: string): Record<string, string> {
  const names = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter(
    (name) => statSync(join(at, name)).isFile() && !name.startsWith('backup'),
  );
  return Object.fromEntries(
    names.map((name) => [name, `${readFileSync(join(at, name), 'utf8')} ${(statSync(join(at, name)).mode & 0o777).toString(8)}`]),
  );
}

async function withStore<Result>(at: string, use: (store: ChangeStore) => Promise<Result>): Promise<Result> {
  const store = await openChangeStore({ folder: join(at, 'backup') });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

async function change(at: string): Promise<Change> {
  return await withStore(at, async (store) => await store.begin('a change', await planChanges(wanted(at))));
}

/** Makes the change in a process that ends at a step by a signal that nothing can catch. @returns the name of each step it came to */
function runKilled(at: string, lastStep: string, direction: 'forth' | 'back'): readonly string[] {
  const files = wanted(at).map(({ path, content }) => `${path}=${content ?? ''}`);
  const { signal, stdout, stderr } = spawnSync(process.execPath, [KILLED_CHANGE, join(at, 'backup'), lastStep, direction, ...files], {
    encoding: 'utf8',
  });
  if (lastStep === '' ? signal !== null : signal !== 'SIGKILL') throw new Error(`${signal} ${stdout} ${stderr}`);
  return stdout.trim().split('\n');
}

/** The same in this process: at the step nothing goes on any more, as after a power cut; only the lock is given back. */
async function runStopped(at: string, lastStep: string, direction: 'forth' | 'back'): Promise<void> {
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const onStep = (step: string): Promise<void> | undefined => {
    if (step !== lastStep) return undefined;
    stop();
    return new Promise(() => undefined);
  };
  const store = await openChangeStore({ folder: join(at, 'backup'), onStep });
  const run = async (): Promise<void> => {
    const made = await store.begin('a change', await planChanges(wanted(at)));
    await made.apply();
    await (direction === 'back' ? made.rollBack() : made.finish());
    throw new Error(`it never came to ${lastStep}`);
  };
  await Promise.race([run(), stopped]);
  store.close();
}

it('makes a change, keeps mode and owner, and leaves the bytes from before behind', async () => {
  host(root);
  const made = await change(root);
  expect(filesOf(root)).toEqual(BEFORE);
  await made.apply();
  await made.finish();

  expect(filesOf(root)).toEqual(AFTER);
  expect(made.record.folders).toEqual([join(root, 'audit'), join(root, 'audit/new')]);
  expect((await made.bytesBefore(2))?.toString()).toBe('old pod');
  expect(readdirSync(made.folder).sort()).toEqual(['before', 'change.json', 'journal.jsonl']);
  expect(statSync(made.folder).mode & 0o777).toBe(0o700);
});

it('plans nothing where everything is as wanted already', async () => {
  host(root);
  const made = await change(root);
  await made.apply();
  await made.finish();
  expect(await planChanges(wanted(root))).toEqual({ files: [], folders: [] });
});

describe('ended at any step', () => {
  it.each(['forth', 'back'] as const)('(on the way %s) it is before or after, whichever is asked for next', async (direction) => {
    // The steps are those of a run that is not ended: a step that is added is a step that is ended at.
    const dry = join(root, 'dry');
    host(dry);
    const steps = runKilled(dry, '', direction);
    expect(steps.length).toBeGreaterThan(15);
    expect(filesOf(dry)).toEqual(direction === 'forth' ? AFTER : BEFORE);

    const ends = new Set<string>();
    // Up to where it turns back, one way is the other.
    const own = direction === 'forth' ? steps : steps.slice(steps.indexOf('rolling-back'));
    for (const [index, step] of own.entries())
      ends.add(await endsWhole(join(root, `at-${index}`), (at) => runStopped(at, step, direction)));
    expect([...ends].sort()).toEqual(['applied', 'rolled-back']);
  });

  it.each([
    ['recorded', 'forth'],
    ['writing 1 noted', 'forth'],
    ['applied', 'forth'],
    ['rolling-back 2 noted', 'back'],
  ] as const)('by SIGKILL at "%s" too', async (step, direction) => {
    await endsWhole(join(root, 'at'), async (at) => void runKilled(at, step, direction));
  });

  it('also while a file was half written', async () => {
    host(root);
    writeFileSync(join(root, 'manifests/.pod.yaml.0123456789ab.tmp'), 'new p');
    const made = await change(root);
    await made.apply();
    expect(readdirSync(join(root, 'manifests'))).toEqual(['pod.yaml']);
  });
});

it('begins nothing new before an interrupted change is settled', async () => {
  host(root);
  await (await change(root)).apply();
  await withStore(root, async (store) => {
    await expect(store.begin('another', { files: [], folders: [] })).rejects.toMatchObject({ code: 'CHANGE_INTERRUPTED' });
    await store.unfinished?.rollBack();
    await expect(store.begin('another', { files: [], folders: [] })).resolves.toBeInstanceOf(Change);
  });
});

it('lets one process work at a time', async () => {
  await withStore(root, async () => {
    await expect(openChangeStore({ folder: join(root, 'backup') })).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
  });
  await withStore(root, async () => undefined);
});

it.each(['apply', 'rollBack'] as const)('overwrites nothing that somebody else wrote meanwhile (%s)', async (step) => {
  host(root);
  const made = await change(root);
  if (step === 'rollBack') await made.apply();
  writeFileSync(join(root, 'manifests/pod.yaml'), 'theirs');
  const files = filesOf(root);

  await expect(made[step]()).rejects.toMatchObject({ code: 'FILE_CHANGED_MEANWHILE', message: expect.stringContaining('pod.yaml') });
  expect(filesOf(root)).toEqual(files);
});

it('refuses what it could not put back: links, folders', async () => {
  host(root);
  symlinkSync('pod.yaml', join(root, 'manifests/link'));
  await expect(planChanges([{ path: join(root, 'manifests/link'), content: '' }])).rejects.toMatchObject({ code: 'FILE_IS_SYMLINK' });
  await expect(planChanges([{ path: join(root, 'manifests'), content: '' }])).rejects.toMatchObject({ code: 'FILE_NOT_REGULAR' });
});

it('does not put back bytes that are not those of before', async () => {
  host(root);
  const made = await change(root);
  await made.apply();
  writeFileSync(join(made.folder, 'before/2'), 'tampered with');
  await expect(made.rollBack()).rejects.toMatchObject({ code: 'CHANGE_UNREADABLE' });
});

it('reads no record of another format', async () => {
  host(root);
  const made = await change(root);
  writeFileSync(join(made.folder, 'change.json'), '{"format":2}');
  await expect(withStore(root, async () => undefined)).rejects.toMatchObject({ code: 'CHANGE_UNREADABLE' });
});

it('goes back when a file in the middle cannot be written', async () => {
  host(root);
  // As long as a name may be: the temporary file beside it has a longer one.
  const files = [...wanted(root).slice(0, 2), { path: join(root, 'x'.repeat(255)), content: 'x' }];
  const made = await withStore(root, async (store) => await store.begin('a change', await planChanges(files)));
  await expect(made.apply()).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect(filesOf(root)).not.toEqual(BEFORE);
  await made.rollBack();
  expect(filesOf(root)).toEqual(BEFORE);
});

it('meets a full disk before anything is touched', () => {
  host(root);
  const files = [`${join(root, 'audit/policy.yaml')}=policy`, `${join(root, 'manifests/pod.yaml')}=${'x'.repeat(6_000)}`];
  // 8 blocks of 512 bytes a file are what the "disk" takes.
  const limited = spawnSync(
    'sh',
    ['-c', `trap '' XFSZ; ulimit -f 8; exec "$@"`, 'sh', process.execPath, KILLED_CHANGE, join(root, 'backup'), '', 'forth', ...files],
    { encoding: 'utf8' },
  );
  expect(limited.stderr).toContain('FILE_UNWRITABLE');
  expect(filesOf(root)).toEqual(BEFORE);
});

/** Ends a change by `interrupt`, then resumes it and, in a copy, rolls it back: both must be whole. @returns what resuming made of it */
async function endsWhole(at: string, interrupt: (at: string) => Promise<void>): Promise<'applied' | 'rolled-back'> {
  host(at);
  await interrupt(at);
  const copy = `${at}-back`;
  cpSync(at, copy, { recursive: true, preserveTimestamps: true });
  relocate(copy, at);

  const resumed = await withStore(at, async ({ unfinished }) => await unfinished?.resume());
  const how = resumed ?? (existsSync(join(at, 'note')) ? 'rolled-back' : 'applied');
  expect(filesOf(at)).toEqual(how === 'applied' ? AFTER : BEFORE);

  const wasOver = await withStore(copy, async ({ unfinished }) => {
    await unfinished?.rollBack();
    return unfinished === undefined;
  });
  expect(filesOf(copy)).toEqual(wasOver && how === 'applied' ? AFTER : BEFORE);
  for (const each of [at, copy])
    expect(readdirSync(each, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  return how;
}

/** The records of a copied host name the files of the copy. */
function relocate(copy: string, original: string): void {
  for (const name of readdirSync(join(copy, 'backup'), { recursive: true, encoding: 'utf8' }).filter((each) =>
    each.endsWith('change.json'),
  )) {
    const path = join(copy, 'backup', name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(`"${original}/`, `"${copy}/`));
  }
}
