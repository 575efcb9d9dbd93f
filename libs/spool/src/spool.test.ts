import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSpool, type Spool } from './spool.ts';
import type { SpoolEvent } from './spool-events.ts';
import type { SpoolOptions } from './spool-options.ts';
import type { SpoolRecord } from './spool-reader.ts';

let parent: string;
let open: Spool[] = [];
let events: SpoolEvent[] = [];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'spool-'));
  events = [];
});

afterEach(async () => {
  for (const spool of open) await spool.close();
  open = [];
  rmSync(parent, { recursive: true });
});

/** Small files, so that some dozen records fill several. */
async function spoolIn(options: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await openSpool({
    folder: join(parent, 'spool'),
    segmentBytes: 8 * 1024,
    cursorFileBytes: 256 * 1024,
    maxBytes: 1 << 20,
    rewindRecords: 0,
    onEvent: (event) => events.push(event),
    ...options,
  });
  open.push(spool);
  return spool;
}

const record = (id: number, bytes: number = 20): Buffer => Buffer.from(`${id} `.padEnd(bytes, 'x'));
const records = (from: number, to: number, bytes?: number): Buffer[] =>
  Array.from({ length: to - from + 1 }, (_, index) => record(from + index, bytes));
const ids = (batch: readonly SpoolRecord[]): number[] => batch.map(({ bytes }) => Number.parseInt(bytes.toString(), 10));
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
const key = (name: string): Buffer => Buffer.from(name.padEnd(16, '.'));

async function take(spool: Spool, count: number): Promise<SpoolRecord[]> {
  const taken: SpoolRecord[] = [];
  while (taken.length < count) taken.push(...(await spool.next({ maxRecords: count - taken.length })));
  return taken;
}

describe('append and next', () => {
  it('hands out records in the order of their appends, numbered from 1', async () => {
    const spool = await spoolIn();
    await Promise.all([spool.append(records(1, 3)), spool.append(records(4, 5))]);
    await spool.append([record(6)]);

    const batch = await take(spool, 6);
    expect(ids(batch)).toEqual(upTo(6));
    expect(batch.map(({ position }) => position)).toEqual(upTo(6));
  });

  it('keeps records across a restart, and over many segments', async () => {
    const before = await spoolIn();
    for (let id = 1; id <= 100; id += 4) await before.append(records(id, id + 3, 500));
    await before.close();

    const after = await spoolIn();
    expect(after.usage()).toMatchObject({ undeliveredRecords: 100, lostRecords: 0 });
    expect(after.usage().segments).toBeGreaterThan(5);
    expect(ids(await take(after, 100))).toEqual(upTo(100));
  });

  it('goes on after what is committed', async () => {
    const before = await spoolIn();
    await before.append(records(1, 10));
    await take(before, 7);
    before.commit(4);
    await before.close();

    const after = await spoolIn();
    expect(after.cursor).toBe(4);
    expect(ids(await take(after, 6))).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('takes a record larger than a segment, and an empty one', async () => {
    const before = await spoolIn();
    const large = Buffer.alloc(100_000, 'l');
    await before.append([record(1), large, Buffer.alloc(0)]);
    expect((await take(before, 3)).map(({ bytes }) => bytes.byteLength)).toEqual([20, 100_000, 0]);
    await before.close();

    const after = await spoolIn();
    expect((await take(after, 3))[1]?.bytes.equals(large)).toBe(true);
  });

  it('waits while it is empty, and ends the wait for an aborted signal and at close', async () => {
    const spool = await spoolIn();
    const waiting = spool.next();
    await spool.append([record(1)]);
    expect(ids(await waiting)).toEqual([1]);

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
    const before = await spoolIn();
    await before.append(records(1, 3));
    await take(before, 3);
    for (const position of [1, 2, 3]) expect(before.dedupe.admit(key(`k${position}`), position)).toBe('first');
    before.commit(2);
    before.setNote(Buffer.from('reader 7'));
    await before.close();

    const after = await spoolIn();
    expect(after.dedupe.size).toBe(2);
    expect(after.dedupe.admit(key('k1'), 9)).toBe('duplicate');
    expect(after.dedupe.admit(key('k2'), 2)).toBe('first');
    expect(after.dedupe.admit(key('k3'), 3)).toBe('first');
    expect(Buffer.from(after.note).toString()).toBe('reader 7');
  });

  it('takes the cursor back with a rewind, also for the next process', async () => {
    const before = await spoolIn({ rewindRecords: 100 });
    await before.append(records(1, 10));
    await take(before, 10);
    before.commit(10);
    await before.flush();
    expect(before.rewind(3)).toBe(3);
    await before.close();

    const after = await spoolIn({ rewindRecords: 100 });
    expect(ids(await take(after, 3))).toEqual([8, 9, 10]);
  });

  it('refuses a commit of what was not handed out', async () => {
    const spool = await spoolIn();
    await spool.append(records(1, 3));
    await take(spool, 2);

    expect(() => spool.commit(3)).toThrow(RangeError);
  });
});
