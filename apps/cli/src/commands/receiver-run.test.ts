import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../testing/run-command.ts';

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receiver-run-'));
  await runCommand(['certs', 'create', '--dir', join(folder, 'certs'), '--san', '127.0.0.1', '--cluster', 'prod-eu']);
  const at = (name: string): string => join(folder, 'certs', 'receiver', name);
  const configuration = {
    listen: { address: '127.0.0.1', port: 0 },
    tls: { certificate: at('server.crt'), key: at('server.key'), clientAuthority: at('ca.crt') },
    spool: { folder: join(folder, 'spool') },
    wazuh: { socket: join(folder, 'no-manager-yet') },
    admin: { address: '127.0.0.1', port: 0 },
  };
  writeFileSync(join(folder, 'receiver.yaml'), JSON.stringify(configuration));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['to the command alone', 1],
  ['to command and receiver together, as a terminal and systemd do', -1],
])('stops in order by a signal %s', async (_what, sign) => {
  const main = join(import.meta.dirname, '../main.ts');
  const child = spawn(process.execPath, [main, 'receiver', 'run', '--config', join(folder, 'receiver.yaml')], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const events: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const { event } = JSON.parse(line) as { event: string };
    events.push(event);
    if (event === 'ready') process.kill(sign * (child.pid ?? 0), 'SIGTERM');
  }

  expect(await ended).toEqual([0, null]);
  expect(events.at(-1)).toBe('stopped');
});
