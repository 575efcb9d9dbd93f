import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveOwner } from './owner.ts';

let folder: string;
let files: { passwd: string; group: string };
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'owner-'));
  files = { passwd: join(folder, 'passwd'), group: join(folder, 'group') };
  writeFileSync(files.passwd, 'root:x:0:0:root:/root:/bin/sh\nwazuh:x:999:998::/var/ossec:/sbin/nologin\n\n1234:x:77:78::/:/bin/false\n');
  writeFileSync(files.group, 'root:x:0:\nwazuh:x:998:\nadm:x:4:syslog\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['wazuh', 999, 998],
  ['wazuh:adm', 999, 4],
  ['root:wazuh', 0, 998],
  ['999', 999, 998],
  ['1000:1000', 1000, 1000],
  ['wazuh:12', 999, 12],
  ['5:adm', 5, 4],
])('reads %s as %i:%i', async (text, uid, gid) => {
  expect(await resolveOwner(text, files)).toEqual({ uid, gid });
});

it.each(['', ':', 'nobody-here', 'wazuh:nobody-here', '12345', 'wazuh:', ':wazuh', 'a:b:c', '4294967295:1', '-1:1'])(
  'refuses %j',
  async (text) => {
    await expect(resolveOwner(text, files)).rejects.toMatchObject({ code: 'OWNER_UNKNOWN' });
  },
);
