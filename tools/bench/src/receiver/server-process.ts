import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a program that prints a line when it is ready; hands back what `readyOf` finds in that line. */
export async function startPrinting<Ready>(
  command: readonly [string, ...string[]],
  readyOf: (line: string) => Ready | undefined,
): Promise<ServerProcess & { readonly ready: Ready }> {
  const child = start(command, process.env, 'pipe');
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const ready = readyOf(line);
    if (ready === undefined) continue;
    child.stdout?.resume();
    return { ...asServer(child), ready };
  }
  throw new Error(`${command.join(' ')} ended before it was ready`);
}

/** Starts a program that says nothing, and waits until its port takes connections. */
export async function startListening(
  command: readonly [string, ...string[]],
  port: number,
  env: NodeJS.ProcessEnv,
): Promise<ServerProcess> {
  const child = start(command, env, 'ignore');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await takesConnections(port)) return asServer(child);
    if (child.exitCode !== null) break;
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`${command.join(' ')} does not listen on port ${port}`);
}

const ATTEMPTS = 600;
const POLL_MS = 50;

function start([program, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv, output: 'pipe' | 'ignore'): ChildProcess {
  // A log line a request, as the guide's server prints them, goes where it costs the least.
  return spawn(program, args, { env, stdio: ['ignore', output, 'ignore'] });
}

function asServer(child: ChildProcess): ServerProcess {
  return {
    pid: child.pid as number,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

const STOP_WITHIN_MS = 3_000;

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy(resolve(true) as undefined));
    socket.once('error', () => resolve(false));
  });
}
