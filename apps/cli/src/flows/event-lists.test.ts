import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ReadOptions, type RecordedList, readEventLists } from './event-lists.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-lists-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function read(name: string, content: string | Buffer, options: ReadOptions = {}): Promise<RecordedList[]> {
  writeFileSync(join(folder, name), content);
  const lists: RecordedList[] = [];
  for await (const list of readEventLists(join(folder, name), options)) lists.push(list);
  return lists;
}

const single = '{"kind":"Event","auditID":"1"}';
const list = '{"kind":"EventList","items":[{},{}]}';

it('hands on a list as it stands, and puts single events into lists in their order', async () => {
  const lists = await read('a.jsonl', [single, single, '', list, single].join('\n'));

  expect(lists.map(({ events }) => events)).toEqual([2, 2, 1]);
  expect(lists[1]?.body).toBe(list);
  expect(JSON.parse(lists[0]?.body ?? '')).toMatchObject({ kind: 'EventList', items: [{ auditID: '1' }, { auditID: '1' }] });
});

it('puts at most 100 single events into a list', async () => {
  expect((await read('a.jsonl', `${single}\r\n`.repeat(250))).map(({ events }) => events)).toEqual([100, 100, 50]);
});

it('unpacks gzip', async () => {
  expect(await read('a.jsonl.gz', gzipSync(`${list}\n`))).toMatchObject([{ events: 2 }]);
});

it('hands on a line that is no JSON: the receiver judges it', async () => {
  expect(await read('a.jsonl', 'no json')).toMatchObject([{ body: 'no json', events: 0 }]);
});

it('reads nothing from an empty file', async () => {
  expect(await read('a.jsonl', '')).toEqual([]);
});

it('says when a list happened, and puts no longer time than asked into one', async () => {
  const at = (second: number): string => `{"kind":"Event","stageTimestamp":"2026-11-08T15:45:${String(second).padStart(2, '0')}.500000Z"}`;
  const content = [at(1), at(2), single, at(5), at(4), `{"items":[${at(30)},${at(20)}]}`, 'no JSON'].join('\n');

  const lists = await read('times.jsonl', content, { maxSpanMs: 2_000 });
  expect(lists.map(({ events, atMs }) => [events, atMs === undefined ? undefined : new Date(atMs).toISOString().slice(17, 21)])).toEqual([
    [3, '02.5'],
    [2, '05.5'],
    [2, '30.5'],
    [0, undefined],
  ]);
  expect((await read('times.jsonl', content)).map(({ events }) => events)).toEqual([5, 2, 0]);
});
