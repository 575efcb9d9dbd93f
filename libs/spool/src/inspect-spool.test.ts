import { cpSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectSpool } from './inspect-spool.ts';
import { createTrialFolder, numbered, type TrialFolder, take } from './testing/trial-folder.ts';

let trial: TrialFolder;
beforeEach(() => {
  trial = createTrialFolder();
});
afterEach(() => trial.remove());

describe('inspectSpool', () => {
  it('agrees with the spool that it looks at, while that one is open', async () => {
    const spool = await trial.open();
    for (let id = 1; id <= 40; id++) await spool.append(numbered(id, id, 400));
    spool.commit((await take(spool, 15)).at(-1)?.position as number);
    await spool.flush();

    const seen = await inspectSpool(trial.folder);
    expect(seen).toMatchObject({ cursor: 15, lastPosition: 40, undelivered: { records: 25 }, missing: [], damaged: [] });
    expect(seen.undelivered.records).toBe(spool.usage().undeliveredRecords);
    expect(seen.files.flatMap(({ unreadable }) => unreadable)).toEqual([]);
  });

  it('changes nothing', async () => {
    const spool = await trial.open();
    await spool.append(numbered(1, 9, 400));
    await spool.close();
    const files = (): readonly string[] =>
      readdirSync(trial.folder).map((name) => `${name} ${readFileSync(join(trial.folder, name), 'latin1')}`);
    const before = files();
    await inspectSpool(trial.folder);

    expect(files()).toEqual(before);
  });

  it('tells what is damaged and what is missing, with its place', async () => {
    const spool = await trial.open();
    for (let id = 1; id <= 60; id++) await spool.append(numbered(id, id, 500));
    await spool.close();
    const segments = readdirSync(trial.folder)
      .filter((name) => name.startsWith('segment-'))
      .sort();
    writeSync(openSync(join(trial.folder, segments[1] as string), 'r+'), Buffer.from('damage'), 0, 6, 4_096 + 50);
    rmSync(join(trial.folder, segments[3] as string));

    const { files, missing, undelivered } = await inspectSpool(trial.folder);
    expect(files.find(({ name }) => name === segments[1])?.unreadable).toEqual([{ offset: 4_096, bytes: 532, isAtEnd: false }]);
    expect(missing).toHaveLength(2);
    const lost = missing.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    expect(undelivered.records + lost).toBe(60);
  });

  it('tells a torn write from damage', async () => {
    const spool = await trial.open();
    await spool.append(numbered(1, 3));
    const left = createTrialFolder();
    cpSync(trial.folder, left.folder, { recursive: true });
    const segment = readdirSync(left.folder).find((name) => name.startsWith('segment-')) as string;
    writeSync(openSync(join(left.folder, segment), 'r+'), Buffer.from('torn'), 0, 4, 4_096 + 3 * 52);

    const { files, missing } = await inspectSpool(left.folder);
    expect(files.find(({ name }) => name === segment)?.unreadable).toEqual([{ offset: 4_096 + 156, bytes: 4, isAtEnd: true }]);
    expect(missing).toEqual([]);
    await left.remove();
  });

  it('refuses a folder that is not there', async () => {
    await expect(inspectSpool(join(trial.folder, 'none'))).rejects.toMatchObject({ code: 'SPOOL_UNUSABLE' });
  });
});
