import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { WantedFile } from '@k8s-audit/host-files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runActions, undoActions } from './host-actions.ts';
import { planNftables } from './nftables.ts';

const run = promisify(execFile);
const PORT = 18_080;
/** Lets answers in, and nothing that begins a connection. */
const CLOSED = `#!/usr/sbin/nft -f
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
  }
}
`;

/** Root, the tools, and a kernel that allows it: in CI all of them must be there. */
const SYSTEM = '/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin';
const tries = spawnSync('unshare', ['--net', '--mount', 'nft', 'list', 'ruleset'], { env: { PATH: SYSTEM } });
const isPossible = tries.status === 0 || process.env['CI'] === 'true';

describe.runIf(isPossible)('real nftables, in a network of its own', () => {
  let folder: string;
  let network: ChildProcess;
  let env: Record<string, string>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nftables-'));
    mkdirSync(join(folder, 'etc'));
    // Its /etc is ours: the rule files include each other by their places on a machine.
    const begin = `ip link set lo up && mount --bind "${folder}/etc" /etc && echo ready && exec sleep infinity`;
    network = spawn('unshare', ['--net', '--mount', 'sh', '-c', begin], { env: { PATH: SYSTEM }, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(network.stdout as NodeJS.ReadableStream, 'data');
    mkdirSync(join(folder, 'bin'));
    for (const program of ['nft', 'sh']) {
      const inside = `exec nsenter --target ${network.pid} --net --mount ${program} "$@"`;
      writeFileSync(join(folder, 'bin', program), `#!/bin/sh\nPATH=${SYSTEM}\n${inside}\n`);
      chmodSync(join(folder, 'bin', program), 0o755);
    }
    env = { PATH: `${join(folder, 'bin')}:${SYSTEM}` };
  });
  afterEach(async () => {
    network.kill();
    await once(network, 'close');
    rmSync(folder, { recursive: true });
  });

  const nft = async (...args: readonly string[]): Promise<string> => (await run('nft', args, { env })).stdout;
  const load = async (text: string): Promise<void> => {
    writeFileSync(join(folder, 'etc/nftables.conf'), text);
    await nft('--file', join(folder, 'etc/nftables.conf'));
  };
  const write = (files: readonly WantedFile[]): void => {
    for (const { path, content = '' } of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  };

  /** Whether a connection within that network gets through, in both directions. */
  async function connects(): Promise<boolean> {
    const program = `const net = require('node:net');
      const server = net.createServer((socket) => socket.end()).listen(${PORT}, '127.0.0.1', () => {
        const client = net.connect({ port: ${PORT}, host: '127.0.0.1', timeout: 400 });
        const end = (word) => { process.stdout.write(word); process.exit(); };
        client.on('connect', () => end('open')).on('timeout', () => end('closed')).on('error', () => end('closed'));
      });`;
    const inside = ['--target', String(network.pid), '--net', process.execPath, '-e', program];
    return (await run('nsenter', inside, { env: { PATH: SYSTEM } })).stdout === 'open';
  }

  it('opens the port, keeps it open over a start, and closes it again without a trace', async () => {
    await load(CLOSED);
    const before = await nft('list', 'ruleset');
    expect(await connects()).toBe(false);
    const plan = await planNftables(folder, PORT, env);
    expect(plan?.actions.map(({ says }) => says)).toEqual([
      'nftables: will the rule files load at the next start?',
      `nftables: open ${PORT}/tcp in inet filter input`,
    ]);
    write(plan?.files ?? []);
    await runActions(plan?.actions ?? [], { env });
    expect(await connects()).toBe(true);
    // A second installation finds it open, and adds nothing.
    expect(await planNftables(folder, PORT, env)).toBeUndefined();

    // As nftables.service does it.
    await nft('--file', join(folder, 'etc/nftables.conf'));
    expect(await connects()).toBe(true);

    expect(await undoActions(plan?.actions ?? [], { env })).toEqual([]);
    expect(await nft('list', 'ruleset')).toBe(before);
    expect(await connects()).toBe(false);
  });

  it('stands in front of a rule that rejects the rest', async () => {
    await load(CLOSED.replace('policy drop', 'policy accept').replace('accept\n  }', 'accept\n    counter reject\n  }'));
    const plan = await planNftables(folder, PORT, env);
    write(plan?.files ?? []);
    await runActions(plan?.actions ?? [], { env });
    expect(await connects()).toBe(true);
  });

  it('is written to no file that does not make the chain, and says that a start closes it', async () => {
    await load(CLOSED);
    writeFileSync(join(folder, 'etc/nftables.conf'), 'flush ruleset\n');
    const plan = await planNftables(folder, PORT, env);
    expect(plan?.files).toEqual([]);
    expect(plan?.notes).toEqual([expect.stringContaining('open until the next start of the machine')]);
    await runActions(plan?.actions ?? [], { env });
    expect(await connects()).toBe(true);
  });

  it('takes nothing for granted: rule files that would not load are found before the port is opened', async () => {
    await load(CLOSED);
    writeFileSync(join(folder, 'etc/nftables.conf'), `${CLOSED}include "/etc/nftables.d/missing.nft"\n`);
    const plan = await planNftables(folder, PORT, env);
    write(plan?.files ?? []);
    await expect(runActions(plan?.actions ?? [], { env })).rejects.toMatchObject({ code: 'HOST_ACTION_FAILED' });
    expect(await connects()).toBe(false);
  });

  it.each([
    ['nothing is closed', 'flush ruleset\ntable inet filter {\n  chain input {\n    type filter hook input priority filter;\n  }\n}\n'],
    ['a range is open', CLOSED.replace('accept\n', 'accept\n    tcp dport 18000-18100 accept\n')],
    ['a set is open', CLOSED.replace('accept\n', `accept\n    tcp dport { 22, ${PORT} } accept\n`)],
  ])('does nothing where %s', async (_what, text) => {
    await load(text);
    expect(await planNftables(folder, PORT, env)).toBeUndefined();
  });

  it('leaves the chains of iptables to iptables', async () => {
    await load('flush ruleset\ntable ip filter {\n  chain INPUT {\n    type filter hook input priority filter; policy drop;\n  }\n}\n');
    const before = await nft('list', 'ruleset');
    const plan = await planNftables(folder, PORT, env);
    expect(plan).toMatchObject({ actions: [], files: [], notes: [expect.stringContaining(`iptables -I INPUT -p tcp --dport ${PORT}`)] });
    expect(await nft('list', 'ruleset')).toBe(before);
  });

  it('adds one line to people’s file', async () => {
    await load(CLOSED);
    write((await planNftables(folder, PORT, env))?.files ?? []);
    expect(readFileSync(join(folder, 'etc/nftables.conf'), 'utf8')).toBe(`${CLOSED}include "/etc/nftables.d/k8s-audit-receiver.nft"\n`);
    expect(existsSync(join(folder, 'etc/nftables.d/k8s-audit-receiver.nft'))).toBe(true);
  });
});

it('does nothing where there is no nft', async () => {
  expect(await planNftables('/', PORT, { PATH: '/nowhere' })).toBeUndefined();
});
