import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openKnownApiServers } from './known-api-servers.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'known-api-servers-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('keeps who was heard for the next process, for its owner only', async () => {
  const heard = [{ cluster: 'a', apiServer: '-', lastMs: 5 }];
  await (await openKnownApiServers(folder)).save(heard);

  expect((await openKnownApiServers(folder)).atStart).toEqual(heard);
  expect(statSync(join(folder, 'heard.json')).mode & 0o777).toBe(0o600);
});

it.each(['', 'no json', '{}', '[{"cluster": 1}, null, 5]', '\u0000'])('begins anew when the file holds %j', async (text) => {
  writeFileSync(join(folder, 'heard.json'), text);

  const known = await openKnownApiServers(folder);
  expect(known.atStart).toEqual([]);
  await known.save([]);
  expect(readFileSync(join(folder, 'heard.json'), 'utf8')).toBe('[]\n');
});
