import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type StandInDaemon, startStandInDaemon } from '@k8s-audit/wazuh-queue/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../testing/run-command.ts';

let folder: string;
let daemon: StandInDaemon;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'agent-run-'));
  daemon = await startStandInDaemon(join(folder, 'ossec'), { drainPerSecond: 10_000 });
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await daemon.close();
  rmSync(folder, { recursive: true, force: true });
});

const event = (auditID: string): string =>
  `${JSON.stringify({ kind: 'Event', level: 'Metadata', auditID, stage: 'ResponseComplete', requestURI: '/', verb: 'get', user: {} })}\n`;

function run(...args: readonly string[]): ChildProcess {
  const main = join(import.meta.dirname, '../main.ts');
  const socket = [
    '--socket',
    daemon.socketPath,
    '--spool',
    join(folder, 'spool'),
    '--set',
    'spool.maxBytes=64 MiB',
    '--set',
    'spool.segmentBytes=4 MiB',
  ];
  child = spawn(process.execPath, [main, 'agent', 'run', ...socket, ...args], { stdio: ['pipe', 'pipe', 'pipe'], cwd: folder });
  return child;
}

/** What the agent of the host got, as it got it. */
const delivered = (): string[] => daemon.processed.map((message) => /"auditID": "(\w+)"/.exec(message)?.[1] ?? message);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('k8s-audit agent run', () => {
  it('follows the log into the agent’s socket, without a port or a certificate, and stops in order', async () => {
    writeFileSync(join(folder, 'audit.log'), event('a'));
    const started = run('--log', 'audit.log', '--cluster', 'prod', '--api-server', 'cp-1');
    const ended = once(started, 'close') as Promise<[number | null]>;
    const [line] = (await once(createInterface({ input: started.stdout as NodeJS.ReadableStream }), 'line')) as [string];
    await until(() => delivered().length === 1);
    appendFileSync(join(folder, 'audit.log'), event('b'));
    await until(() => delivered().length === 2);
    started.kill('SIGTERM');

    expect(await ended).toEqual([0, null]);
    expect(delivered()).toEqual(['a', 'b']);
    expect(daemon.processed[0]).toMatch(/^1:k8s:\{.*"cluster": "prod"/);
    expect(JSON.parse(line)).toMatchObject({ event: expect.stringMatching(/^(ready|log-reading|wazuh-connected)$/) });
  });

  it('reads standard input to its end, delivers it, and ends by itself', async () => {
    const started = run('--log', '-', '--cluster', 'prod');
    const output = text(started.stdout as NodeJS.ReadableStream);
    started.stdin?.end(event('a') + event('b'));

    expect(await once(started, 'close')).toEqual([0, null]);
    expect(delivered()).toEqual(['a', 'b']);
    const ready = (await output)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find((each) => each['event'] === 'ready');
    expect(ready).toMatchObject({
      transport: 'agent',
      admin: join(folder, 'spool/admin.sock'),
      sources: [{ kind: 'stdin', cluster: 'prod' }],
    });
    expect(ready).not.toHaveProperty('url');
  });

  it.each([
    [[], 2, 'USAGE: Without --config it needs --log, --cluster.'],
    [['--log', 'audit.log'], 2, 'USAGE: Without --config it needs --cluster.'],
    [['--set', 'sources.logs=[{path: /audit.log}]'], 1, 'sources.logs.0.cluster'],
    [['--log', 'a', '--cluster', 'b', '--set', 'nonsense'], 2, '--set takes KEY=VALUE'],
    [['--lag', 'audit.log'], 2, "unknown option '--lag'"],
  ])('says what is wrong with %j', async (args, code, part) => {
    const started = run(...args);
    const errors = text(started.stderr as NodeJS.ReadableStream);

    expect(await once(started, 'close')).toEqual([code, null]);
    expect(await errors).toContain(part);
  });

  it('names all that it needs where it is told nothing', async () => {
    expect(await runCommand(['agent', 'run'])).toMatchObject({
      exitCode: 2,
      failure: { code: 'USAGE', message: 'Without --config it needs --log, --cluster, --spool.' },
    });
  });
});
