import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Failure } from '@k8s-audit/failure';
import { type SiblingProgram, siblingProgram } from '../sibling-program.ts';

/** How long a program may take to say that it is ready. Cold starts on a busy two-core machine take 3 s. */
const READY_WITHIN_MS = 60_000;
/** What a stopped program may take to drain before it is killed. */
const STOP_WITHIN_MS = 20_000;
const KEPT_LINES = 20;

export interface ChildProgram {
  readonly name: SiblingProgram;
  /** What it printed last, on either stream. */
  readonly lastLines: () => readonly string[];
  /** The JSON line `{"event":"ready", …}` that it printed. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Resolves with its exit code when it ends, for whatever reason. */
  readonly ended: Promise<number>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<number>;
}

export interface ReadyOptions {
  /** What a line of stdout says of readiness; `undefined`: nothing. Without it the line is `{"event":"ready", …}`. */
  readonly readyOf?: (line: string) => Readonly<Record<string, unknown>> | undefined;
  readonly readyWithinMs?: number;
}

/**
 * Starts a program of the product and waits for its `ready` line. It shares our process group, so that Ctrl-C reaches it,
 * and a channel whose end tells it that we are gone, so that it never outlives us.
 *
 * @throws {Failure} `CHILD_FAILED` with its last lines when it ends before it is ready
 */
export async function startChildProgram(
  name: SiblingProgram,
  args: readonly string[],
  { readyOf = readyLine, readyWithinMs = READY_WITHIN_MS }: ReadyOptions = {},
): Promise<ChildProgram> {
  const [program, ...first] = siblingProgram(name);
  const child = spawn(program, [...first, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const lastLines: string[] = [];
  const keep = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
  };
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)));
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', keep);
  const ready = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      keep(line);
      const message = readyOf(line);
      if (message !== undefined) resolve(message);
    });
  });

  const outcome = await Promise.race([ready, ended.then(() => 'ended' as const), timeout(readyWithinMs)]);
  if (typeof outcome === 'string') {
    await stopProcess(child, ended);
    const what = outcome === 'ended' ? 'ended before it was ready' : `was not ready within ${readyWithinMs / 1000} s`;
    throw new Failure('CHILD_FAILED', `${name} ${what}; it said:\n  ${lastLines.join('\n  ')}`, { hint: 'mend what the lines above name' });
  }
  return { name, lastLines: () => lastLines, ready: outcome, ended, stop: () => stopProcess(child, ended) };
}

async function stopProcess(child: ChildProcess, ended: Promise<number>): Promise<number> {
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  const code = await ended;
  clearTimeout(killer);
  return code;
}

function readyLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const message = JSON.parse(line) as Record<string, unknown>;
    return message['event'] === 'ready' ? message : undefined;
  } catch {
    return undefined; // a line that only begins like JSON
  }
}

function timeout(ms: number): Promise<'timeout'> {
  return new Promise((resolve) => setTimeout(() => resolve('timeout'), ms).unref());
}
