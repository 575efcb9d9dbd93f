import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { BenchGround, Contestant, RunningContestant } from './contestants.ts';
import type { LoadBody } from './load-bodies.ts';
import { cpuSeconds, peakMemoryMiB } from './process-figures.ts';

const run = promisify(execFile);

/** As many batches as kube-apiserver has in flight under load, and enough to keep two cores busy. */
const CONNECTIONS = 8;
const POLL_MS = 20;

export interface Measured {
  readonly events: number;
  /** Answered with 200 and, where there is more to do, done. */
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly peakMemoryMiB: number;
  /** Answers that were not 200, by status. */
  readonly refused: Readonly<Record<string, number>>;
}

export interface Client {
  readonly certificate: string;
  readonly key: string;
}

/** Starts it, warms it up, loads it as fast as it answers, waits until all is through. */
export async function measureContestant(
  contestant: Contestant,
  load: LoadBody,
  ground: BenchGround,
  client: Client,
  seconds: number,
): Promise<Measured> {
  const bodyFile = join(ground.folder, 'body.json');
  writeFileSync(bodyFile, load.body);
  const running = await contestant.start(ground);
  const post = (duration: number): Promise<LoadResult> => postFor(running.url, bodyFile, ground, client, duration);
  try {
    // Until what is compiled at run time is; V8 goes on with that for some seconds.
    await post(seconds);
    await throughAll(running);
    const before = { cpu: cpuSeconds(running.pid), atMs: performance.now() };
    const result = await post(seconds);
    const isAccept = contestant.name === 'ours, accept';
    if (!isAccept) await throughAll(running);
    const tookSeconds = isAccept || running.progress === undefined ? result.seconds : (performance.now() - before.atMs) / 1000;
    const { '200': _taken, ...refused } = result.answers;
    return {
      events: result.events,
      eventsPerSecond: result.events / tookSeconds,
      cpuSecondsPerMillion: ((cpuSeconds(running.pid) - before.cpu) / result.events) * 1e6,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      peakMemoryMiB: peakMemoryMiB(running.pid),
      refused,
    };
  } finally {
    await running.stop();
  }
}

interface LoadResult {
  readonly events: number;
  readonly seconds: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function postFor(
  url: string,
  body: string,
  { goPrograms, authority }: BenchGround,
  { certificate, key }: Client,
  seconds: number,
): Promise<LoadResult> {
  const options = ['--url', url, '--body', body, '--ca', authority, '--cert', certificate, '--key', key];
  const { stdout } = await run(goPrograms, ['load', ...options, '--connections', String(CONNECTIONS), '--duration', `${seconds}s`]);
  return JSON.parse(stdout) as LoadResult;
}

/** What was received is delivered, or the end of the books stands still: then there is nobody to deliver to. */
async function throughAll({ progress }: RunningContestant): Promise<void> {
  if (progress === undefined) return;
  let last = -1;
  for (;;) {
    const { received, delivered } = await progress();
    if (received === delivered || (delivered === 0 && received === last)) return;
    last = received;
    await sleep(POLL_MS);
  }
}

export interface SendLimit {
  readonly size: string;
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
}

/** What the socket itself allows: sendmmsg and nothing else. */
export async function measureSendLimit(
  size: string,
  bytes: number,
  { goPrograms, socket }: BenchGround,
  seconds: number,
): Promise<SendLimit> {
  const { stdout } = await run(goPrograms, ['send', '--socket', socket, '--bytes', String(bytes), '--duration', `${seconds}s`]);
  const { events, seconds: took, cpuSeconds: cpu } = JSON.parse(stdout) as { events: number; seconds: number; cpuSeconds: number };
  return { size, eventsPerSecond: events / took, cpuSecondsPerMillion: (cpu / events) * 1e6 };
}
