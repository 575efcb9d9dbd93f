import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECEIVER_FLAGS } from '@k8s-audit/cli/receiver-flags';
import type { FlaskPrograms } from './bench-programs.ts';
import { type ServerProcess, startListening, startPrinting } from './server-process.ts';

/** Files and programs that all of them share. */
export interface BenchGround {
  readonly folder: string;
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  /** The far end of Wazuh's socket. */
  readonly socket: string;
  readonly goPrograms: string;
  readonly flask: FlaskPrograms | undefined;
  readonly freePort: () => Promise<number>;
}

export type ContestantName = 'Flask, development server' | 'Flask, gunicorn' | 'Go, accept' | 'ours, accept' | 'ours, full way';

export interface RunningContestant extends ServerProcess {
  readonly url: string;
  /** Where something happens after the answer: how many events were received, and how many of them are through. */
  readonly progress?: () => Promise<{ readonly received: number; readonly delivered: number }>;
}

export interface Contestant {
  readonly name: ContestantName;
  readonly does: string;
  start(ground: BenchGround): Promise<RunningContestant>;
}

const RECEIVER = join(import.meta.dirname, '../../../../apps/receiver/src/main.ts');
/** The path that every one of them is posted to; for ours it names the cluster of the certificate. */
const PATH = '/bench';

export const CONTESTANTS: readonly Contestant[] = [
  {
    name: 'Flask, development server',
    does: 'the guide’s receiver: parse, one datagram a request; nothing on disk',
    start: (ground) => startFlask(ground, ({ python, folder }) => [python, join(folder, 'guide_receiver.py')]),
  },
  {
    name: 'Flask, gunicorn',
    // Its threaded workers hang now and then on kept TLS connections (gunicorn 27.0.1: answers after 30 s); these close each connection.
    does: 'the same app in four processes, a connection a request',
    start: (ground) =>
      startFlask(ground, ({ gunicorn, folder }, port) => [
        ...([gunicorn, '--chdir', folder, '--workers', '4', '--bind', `127.0.0.1:${port}`] as const),
        ...['--certfile', ground.certificate, '--keyfile', ground.key, '--log-level', 'error', 'guide_receiver:app'],
      ]),
  },
  {
    name: 'Go, accept',
    does: 'mutual TLS, cut the items out, on disk with group commit and fdatasync, 200',
    async start({ folder, certificate, key, authority, goPrograms }) {
      const spool = freshFolder(folder, 'go-spool');
      const server = await startPrinting(
        [goPrograms, 'receiver', '--cert', certificate, '--key', key, '--ca', authority, '--spool', spool],
        (line) => (line.startsWith('https://') ? line : undefined),
      );
      return { ...server, url: server.ready };
    },
  },
  {
    name: 'ours, accept',
    does: 'the same, and redaction; Wazuh is away, so that nothing is delivered',
    start: (ground) => startOurs(ground, join(ground.folder, 'nobody')),
  },
  {
    name: 'ours, full way',
    does: 'accept, spool, parse, duplicates, facts, shape, datagram, cursor',
    start: (ground) => startOurs(ground, ground.socket),
  },
];

async function startFlask(
  { flask, certificate, key, socket, freePort }: BenchGround,
  command: (flask: FlaskPrograms, port: number) => readonly [string, ...string[]],
): Promise<RunningContestant> {
  if (flask === undefined) throw new Error('Flask was not installed for this run');
  const port = await freePort();
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    BENCH_PORT: String(port),
    BENCH_CERTIFICATE: certificate,
    BENCH_KEY: key,
    BENCH_SOCKET: socket,
  };
  return { ...(await startListening(command(flask, port), port, env)), url: `https://127.0.0.1:${port}${PATH}` };
}

async function startOurs({ folder, certificate, key, authority }: BenchGround, socket: string): Promise<RunningContestant> {
  const spool = freshFolder(folder, 'spool');
  const configuration = {
    listen: { address: '127.0.0.1', port: 0 },
    tls: { certificate, key, clientAuthority: authority },
    spool: { folder: spool },
    // The sink answers no getstats, and it is as fast as it goes: no ceiling that would be measured instead.
    wazuh: { socket, pacing: { ceilingPerSecond: 1e9 } },
    admin: { address: '127.0.0.1', port: 0 },
    log: { format: 'json' },
  };
  const file = join(folder, 'receiver.yaml');
  writeFileSync(file, JSON.stringify(configuration));
  const server = await startPrinting([process.execPath, ...RECEIVER_FLAGS, RECEIVER, '--config', file], readyOf);
  const { url, admin } = server.ready;
  return {
    ...server,
    url: `${url}${PATH}`,
    async progress() {
      const { total } = (await (await fetch(new URL('/books', admin))).json()) as { total: { received: number; spooled: number } };
      return { received: total.received, delivered: total.received - total.spooled };
    },
  };
}

function readyOf(line: string): { readonly url: string; readonly admin: string } | undefined {
  const message = JSON.parse(line) as { event?: string; url: string; admin: string };
  return message.event === 'ready' ? message : undefined;
}

function freshFolder(folder: string, name: string): string {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
  return path;
}
