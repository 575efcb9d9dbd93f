import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leash, unleash } from './leash.ts';

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Takes stdout and stderr; made with its folder. */
  readonly logFile: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The command could not be started at all. */
  readonly error?: Error;
}

export interface StartedProcess {
  readonly name: string;
  readonly pid: number | undefined;
  readonly logFile: string;
  /** Settles once, never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly isRunning: () => boolean;
  /** SIGTERM, then SIGKILL to the whole group after `graceMs`. Returns how it ended; harmless when it has ended already. */
  readonly stop: (graceMs: number) => Promise<ProcessEnd & { readonly killed: boolean }>;
  /** SIGKILL to the whole group, without a warning. */
  readonly kill: () => Promise<ProcessEnd>;
  /** The last lines of the log, for an error message. */
  readonly tail: (lines?: number) => string;
}

/** Starts a child in its own process group; the whole group dies with this process, however this process ends. */
export function startProcess(options: ProcessOptions): StartedProcess {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: ['ignore', log, log],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  closeSync(log);
  const { pid } = child;
  if (pid !== undefined) leash(pid);

  let running = true;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  }).then((end) => {
    running = false;
    // What it may have started itself and left behind.
    signalGroup(pid, 'SIGKILL');
    if (pid !== undefined) unleash(pid);
    return end;
  });
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    ended,
    isRunning: () => running,
    async stop(graceMs) {
      if (running) signalGroup(pid, 'SIGTERM');
      const timer = new AbortController();
      const grace = sleep(graceMs, 'late' as const, { signal: timer.signal }).catch(() => 'done' as const);
      const killed = (await Promise.race([ended, grace])) === 'late';
      timer.abort();
      if (killed) signalGroup(pid, 'SIGKILL');
      return { ...(await ended), killed };
    },
    async kill() {
      if (running) signalGroup(pid, 'SIGKILL');
      return ended;
    },
    tail: (lines = 15) => readFileSync(options.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
  };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
