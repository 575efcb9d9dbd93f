import { closeSync, cpSync, openSync, readdirSync, readFileSync, readSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DamageEvent } from './spool-events.ts';
import { createTrialFolder, numbered, numbersOf, range, type TrialFolder, take } from './testing/trial-folder.ts';

const RECORDS = 60;

let trial: TrialFolder;
beforeEach(async () => {
  trial = createTrialFolder();
  const spool = await trial.open();
  for (const id of range(1, RECORDS)) await spool.append(numbered(id, id, 500));
  await spool.close();
});
afterEach(() => trial.remove());

const segments = (): string[] =>
  readdirSync(trial.folder)
    .filter((name) => name.startsWith('segment-'))
    .sort();
const at = (name: string): string => join(trial.folder, name);

function flipBit(file: string, offset: number): void {
  const fd = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, offset);
  writeSync(fd, Buffer.from([(byte[0] as number) ^ 1]), 0, 1, offset);
  closeSync(fd);
}

/** What comes out until the spool has nothing left, and what it reports as lost. */
async function readAll(): Promise<{ readonly numbers: number[]; readonly lost: number; readonly damage: readonly DamageEvent[] }> {
  const spool = await trial.open();
  const numbers: number[] = [];
  const last = RECORDS + 1;
  await spool.append(numbered(last, last));
  while (numbers.at(-1) !== last) numbers.push(...numbersOf(await take(spool, 1)));
  const damage = trial.events.filter((event): event is DamageEvent => event.kind === 'damage');
  return { numbers: numbers.slice(0, -1), lost: spool.usage().lostRecords, damage };
}

describe('a spool that was damaged while nobody looked', () => {
  it('loses the record with the flipped bit alone, says where, and keeps a copy', async () => {
    const name = segments()[1] as string;
    const offset = 4096 + 3 * 532 + 100;
    flipBit(at(name), offset);

    const { numbers, lost, damage } = await readAll();
    expect(numbers).toHaveLength(RECORDS - 1);
    expect(lost).toBe(1);
    expect(damage).toMatchObject([{ file: name, offset: 4096 + 3 * 532, bytes: 532, lostRecords: 1, copy: 'copied' }]);
    expect(readFileSync(at(`damaged/${name}-at-${4096 + 3 * 532}`))).toHaveLength(532);
  });

  it('loses what a file lacks that was cut short, no more', async () => {
    const name = segments()[2] as string;
    truncateSync(at(name), 4096 + 2 * 532 + 7);

    const { numbers, lost } = await readAll();
    expect(numbers.length + lost).toBe(RECORDS);
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(10);
  });

  it('goes on behind a segment that is gone', async () => {
    const name = segments()[2] as string;
    rmSync(at(name));

    const { numbers, lost } = await readAll();
    expect(numbers.length + lost).toBe(RECORDS);
    expect(numbers).toContain(1);
    expect(numbers).toContain(RECORDS);
  });

  it('takes nothing from another spool’s file, and moves it away', async () => {
    const other = createTrialFolder();
    const foreign = await other.open();
    await foreign.append(numbered(900, 910));
    await foreign.close();
    cpSync(join(other.folder, 'segment-000000000001'), at('segment-000000000099'));
    await other.remove();

    const { numbers, lost } = await readAll();
    expect(numbers).toEqual(range(1, RECORDS));
    expect(lost).toBe(0);
    expect(trial.events).toContainEqual({ kind: 'foreign-file', file: 'segment-000000000099', reason: 'of another spool' });
    expect(readdirSync(at('damaged'))).toEqual(['segment-000000000099']);
  });

  it('reads the records of a file whose header is damaged', async () => {
    flipBit(at(segments()[1] as string), 20);

    expect((await readAll()).numbers).toEqual(range(1, RECORDS));
  });

  it('counts nothing twice at the next start', async () => {
    flipBit(at(segments()[1] as string), 4096 + 100);
    await readAll();
    const copies = readdirSync(at('damaged'));
    for (const spool of [await trial.open().catch(() => undefined)]) await spool?.close();

    expect(readdirSync(at('damaged'))).toEqual(copies);
  });
});

describe('a file of a later version', () => {
  it('is refused loudly, and nothing is changed', async () => {
    const name = segments().at(-1) as string;
    const bytes = readFileSync(at(name));
    bytes.writeUInt32LE(2, 12);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
    writeFileSync(at(name), bytes);
    const before = readdirSync(trial.folder).map((each) => readFileSync(at(each)).toString('latin1'));

    await expect(trial.open()).rejects.toMatchObject({ code: 'SPOOL_NEWER', hint: expect.stringContaining('newer version') });
    expect(readdirSync(trial.folder).map((each) => readFileSync(at(each)).toString('latin1'))).toEqual(before);
  });
});

describe('a cursor entry that a kill cut short', () => {
  it('is torn, not damaged, and its few bytes are kept, not the zeros behind', async () => {
    const left = createTrialFolder();
    const before = await trial.open();
    before.commit((await take(before, 5)).at(-1)?.position as number);
    await before.flush();
    cpSync(trial.folder, left.folder, { recursive: true });
    const journal = readdirSync(left.folder)
      .filter((name) => name.startsWith('cursor-'))
      .sort()
      .at(-1) as string;
    const bytes = readFileSync(join(left.folder, journal));
    const end = bytes.length - [...bytes].reverse().findIndex((byte) => byte !== 0);
    const fd = openSync(join(left.folder, journal), 'r+');
    writeSync(fd, bytes, 4_096, 20, end + 8);
    closeSync(fd);
    await left.open();

    expect(left.events.filter((event) => event.kind === 'damage')).toEqual([]);
    expect(left.events).toContainEqual(expect.objectContaining({ kind: 'torn-tail', file: journal }));
    const kept = readdirSync(join(left.folder, 'damaged')).map((name) => readFileSync(join(left.folder, 'damaged', name)).length);
    expect(Math.max(...kept)).toBeLessThan(100);
    await left.remove();
  });
});

describe('a spool that was not closed', () => {
  it('says so at the next start, and a closed one does not', async () => {
    const before = await trial.open();
    const taken = await take(before, 3);
    before.commit(taken.at(-1)?.position as number);
    await before.flush();
    // As a SIGKILL leaves it: a copy of the files while it is open.
    const left = createTrialFolder();
    cpSync(trial.folder, left.folder, { recursive: true });
    const after = await left.open();

    expect(left.events).toContainEqual({ kind: 'not-closed', cursor: 3, appendedUpTo: RECORDS });
    expect(trial.events.filter((event) => event.kind === 'not-closed')).toEqual([]);
    expect(numbersOf(await take(after, 1))).toEqual([4]);
    await left.remove();
  });

  it('says so also when every file in it looks like one that was closed', async () => {
    await (await trial.open()).close();
    // Killed when its segment was full and cut to size, and its journal too.
    writeFileSync(at('open'), '');
    const after = await trial.open();
    expect(trial.events).toContainEqual(expect.objectContaining({ kind: 'not-closed' }));

    await after.close();
    trial.events.length = 0;
    await trial.open();
    expect(trial.events).toEqual([]);
  });
});
