import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { guideClients, migrationAddresses } from './guide-clients.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guide-clients-'));
  mkdirSync(join(folder, 'net'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** journalctl as a script that prints what the guide's service has logged. */
function journal(lines: string): Record<string, string> {
  writeFileSync(join(folder, 'log'), lines);
  writeFileSync(join(folder, 'journalctl'), `#!/bin/sh\ncase "$*" in "--unit wazuh-webhook.service "*) cat ${folder}/log ;; esac\n`);
  chmodSync(join(folder, 'journalctl'), 0o755);
  return { PATH: folder };
}

const LOG = ` * Serving Flask app 'custom-webhook'
10.0.0.5 - - [26/Nov/2026 07:50:12] "POST /?timeout=30s HTTP/1.1" 200 -
Request sent to Wazuh
10.0.0.5 - - [26/Nov/2026 07:50:13] "POST /?timeout=30s HTTP/1.1" 200 -
::ffff:10.0.0.6 - - [26/Nov/2026 07:50:13] "POST / HTTP/1.1" 200 -
fd00::7 - - [26/Nov/2026 07:50:13] "POST /?timeout=30s HTTP/1.1" 200 -
10.0.0.66 - - [26/Nov/2026 07:50:13] "GET / HTTP/1.1" 405 -
10.0.0.67 - - [26/Nov/2026 07:50:13] "POST /?timeout=30s HTTP/1.1" 500 -
10.0.0.68 - - [26/Nov/2026 07:50:13] code 400, message "10.0.0.69 - - [x] "POST / HTTP/1.1" 200 -"
`;

it('are those whose events the guide’s receiver has taken, the busiest first', async () => {
  expect(await guideClients(8080, journal(LOG), folder)).toEqual([
    { address: '10.0.0.5', posts: 2 },
    { address: '10.0.0.6', posts: 1 },
    { address: 'fd00::7', posts: 1 },
  ]);
});

it('are also those that are connected to its port, or were a moment ago', async () => {
  writeFileSync(
    join(folder, 'net/tcp'),
    `  sl  local_address rem_address   st tx_queue rx_queue
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000
   1: 0700000A:1F90 0500000A:D431 06 00000000:00000000
   2: 0700000A:1F91 0900000A:D431 01 00000000:00000000
`,
  );
  writeFileSync(
    join(folder, 'net/tcp6'),
    `  sl  local_address                         remote_address                        st
   0: 0000000000000000FFFF00000700000A:1F90 0000000000000000FFFF00000800000A:D431 01
   1: 000000FD000000000000000001000000:1F90 000000FD000000000000000009000000:D431 01
`,
  );
  expect(await guideClients(8080, journal(''), folder)).toEqual([
    { address: '10.0.0.5', posts: 0 },
    { address: '10.0.0.8', posts: 0 },
    { address: 'fd00::9', posts: 0 },
  ]);
});

it('are none where there is no journal and nobody is connected', async () => {
  expect(await guideClients(8080, { PATH: folder }, folder)).toEqual([]);
});

it('may post without a certificate when they are named, else when they were seen', () => {
  const seen = [{ address: '10.0.0.5', posts: 2 }];
  expect(migrationAddresses([], seen)).toEqual(['10.0.0.5']);
  expect(migrationAddresses(['10.1.0.0/16', '10.1.0.0/16'], seen)).toEqual(['10.1.0.0/16']);
});
