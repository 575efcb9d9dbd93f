import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem } from './node-file-system.ts';
import type { Spool } from './spool.ts';
import { createTrialFolder, numbered, numbersOf, range, type TrialFolder, take } from './testing/trial-folder.ts';

let trial: TrialFolder;
beforeEach(() => {
  trial = createTrialFolder();
});
afterEach(() => trial.remove());

const one = (id: number): Buffer => numbered(id, id)[0] as Buffer;
const key = (name: string): Buffer => Buffer.from(name.padEnd(16, '.'));

describe('append and next', () => {
  it('hands out records in the order of their appends, numbered from 1', async () => {
    const spool = await trial.open();
    await Promise.all([spool.append(numbered(1, 3)), spool.append(numbered(4, 5))]);
    await spool.append([one(6)]);

    const batch = await take(spool, 6);
    expect(numbersOf(batch)).toEqual(range(1, 6));
    expect(batch.map(({ position }) => position)).toEqual(range(1, 6));
  });

  it('puts the head that records share before each of them, in memory and on the disk', async () => {
    const before = await trial.open();
    await before.append([Buffer.from('one'), Buffer.alloc(0)], Buffer.from('head '));
    const textsOf = async (spool: Spool): Promise<string[]> => (await take(spool, 2)).map(({ bytes }) => bytes.toString());
    expect(await textsOf(before)).toEqual(['head one', 'head ']);
    await before.close();

    expect(await textsOf(await trial.open())).toEqual(['head one', 'head ']);
  });

  it('keeps records across a restart, and over many segments', async () => {
    const before = await trial.open();
    for (let id = 1; id <= 100; id += 4) await before.append(numbered(id, id + 3, 500));
    await before.close();

    const after = await trial.open();
    expect(after.usage()).toMatchObject({ undeliveredRecords: 100, lostRecords: 0 });
    expect(after.usage().segments).toBeGreaterThan(5);
    expect(numbersOf(await take(after, 100))).toEqual(range(1, 100));
  });

  it('goes on after what is committed', async () => {
    const before = await trial.open();
    await before.append(numbered(1, 10));
    await take(before, 7);
    before.commit(4);
    await before.close();

    const after = await trial.open();
    expect(after.cursor).toBe(4);
    expect(numbersOf(await take(after, 6))).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('takes a record larger than a segment, and an empty one', async () => {
    const before = await trial.open();
    const large = Buffer.alloc(100_000, 'l');
    await before.append([one(1), large, Buffer.alloc(0)]);
    expect((await take(before, 3)).map(({ bytes }) => bytes.byteLength)).toEqual([20, 100_000, 0]);
    await before.close();

    const after = await trial.open();
    expect((await take(after, 3))[1]?.bytes.equals(large)).toBe(true);
  });

  it('waits while it is empty, and ends the wait for an aborted signal and at close', async () => {
    const spool = await trial.open();
    const waiting = spool.next();
    await spool.append([one(1)]);
    expect(numbersOf(await waiting)).toEqual([1]);

    const abort = new AbortController();
    const aborted = spool.next({ signal: abort.signal });
    abort.abort();
    expect(await aborted).toEqual([]);

    const closed = spool.next();
    await spool.close();
    expect(await closed).toEqual([]);
  });
});

describe('cursor, keys and note', () => {
  it('knows keys of delivered records after a restart, and none of others', async () => {
    const before = await trial.open();
    await before.append(numbered(1, 3));
    await take(before, 3);
    for (const position of [1, 2, 3]) expect(before.dedupe.admit(key(`k${position}`), position)).toBe('first');
    before.commit(2);
    before.setNote(Buffer.from('reader 7'));
    await before.close();

    const after = await trial.open();
    expect(after.dedupe.size).toBe(2);
    expect(after.dedupe.admit(key('k1'), 9)).toBe('duplicate');
    expect(after.dedupe.admit(key('k2'), 2)).toBe('first');
    expect(after.dedupe.admit(key('k3'), 3)).toBe('first');
    expect(Buffer.from(after.note).toString()).toBe('reader 7');
  });

  it('keeps a note that was set while the first cursor file was still being made', async () => {
    let letGo = (): void => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const before = await trial.open({
      fileSystem: {
        ...nodeFileSystem,
        async open(path, how) {
          if (path.includes('cursor-')) await gate;
          return nodeFileSystem.open(path, how);
        },
      },
    });
    // The journal is on its way with the empty note by now.
    await before.append([one(1)]);
    before.setNote(Buffer.from('reader 7'));
    letGo();
    await before.close();

    expect(Buffer.from((await trial.open()).note).toString()).toBe('reader 7');
  });

  it('takes the cursor back with a rewind, also for the next process', async () => {
    const before = await trial.open({ rewindRecords: 100 });
    await before.append(numbered(1, 10));
    await take(before, 10);
    before.commit(10);
    await before.flush();
    expect(before.rewind(3)).toBe(3);
    await before.close();

    const after = await trial.open({ rewindRecords: 100 });
    expect(numbersOf(await take(after, 3))).toEqual([8, 9, 10]);
  });

  it('refuses a commit of what was not handed out', async () => {
    const spool = await trial.open();
    await spool.append(numbered(1, 3));
    await take(spool, 2);

    expect(() => spool.commit(3)).toThrow(RangeError);
  });
});
