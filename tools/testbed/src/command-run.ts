import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { leash, unleash } from './leash.ts';

export type CommandRun = { readonly kind: 'absent' } | { readonly kind: 'ran'; readonly code: number | null; readonly lastLines: string };

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Enough to see why something failed. */
const KEPT_LINES = 20;

/** Runs a command to its end; keeps the last lines of what it says. Its compilers die with it, and with us. */
export async function runCommand(command: string, args: readonly string[], { cwd, env, onLine, signal }: RunOptions): Promise<CommandRun> {
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = child;
  if (pid !== undefined) leash(pid);
  const abort = (): void => void (pid !== undefined && process.kill(-pid, 'SIGKILL'));
  signal?.addEventListener('abort', abort, { once: true });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      onLine?.(line);
      if (lines.push(line) > KEPT_LINES) lines.shift();
    });
  return await new Promise<CommandRun>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve({ kind: 'absent' }) : reject(error)));
    child.once('close', (code) => {
      signal?.removeEventListener('abort', abort);
      if (pid !== undefined) unleash(pid);
      if (signal?.aborted) reject(signal.reason);
      else resolve({ kind: 'ran', code, lastLines: lines.join('\n') });
    });
  });
}
