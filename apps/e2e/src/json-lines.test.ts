import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openJsonLines } from './json-lines.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'json-lines-'));
  path = join(folder, 'alerts.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is empty as long as there is no file', async () => {
  const lines = openJsonLines(path);
  expect(await lines.read()).toEqual([]);

  writeFileSync(path, '{"n":1}\n');
  expect(await lines.read()).toEqual([{ n: 1 }]);
});

it('waits for the end of a line that is being written, also in the middle of a letter', async () => {
  const lines = openJsonLines(path);
  const bytes = Buffer.from('{"n":"é"}\n');
  writeFileSync(path, bytes.subarray(0, 7));
  expect(await lines.read()).toEqual([]);

  appendFileSync(path, bytes.subarray(7));
  expect(await lines.read()).toEqual([{ n: 'é' }]);
});

it('leaves out what stood there before', async () => {
  writeFileSync(path, '{"n":1}\n');
  const lines = openJsonLines(path, 8);
  appendFileSync(path, '{"n":2}\n');

  expect(await lines.read()).toEqual([{ n: 2 }]);
});

it('reads each line once, however many ask at the same time', async () => {
  writeFileSync(path, '{"n":1}\n{"n":2}\n');
  const lines = openJsonLines(path);
  await Promise.all([lines.read(), lines.read(), lines.read()]);

  expect(await lines.read()).toEqual([{ n: 1 }, { n: 2 }]);
});

it('begins again with a file that was rotated', async () => {
  writeFileSync(path, '{"n":1}\n{"n":2}\n');
  const lines = openJsonLines(path);
  await lines.read();
  renameSync(path, join(folder, 'old.json'));
  expect(await lines.read()).toHaveLength(2);

  writeFileSync(path, '{"n":3}\n');
  expect(await lines.read()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

it('says of a broken line that it is broken', async () => {
  writeFileSync(path, '{"n":\n');

  await expect(openJsonLines(path).read()).rejects.toThrow(SyntaxError);
});
