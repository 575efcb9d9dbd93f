import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ConnectData } from './connect-plan.ts';

export interface RestartTools {
  readonly say: (line: string) => void;
}

/** Systemd waits this long for a unit by default, and then gives up itself. */
const TIMEOUT_MS = 95_000;

/** Restarts an API server that nobody else restarts. @returns why it could not; undefined: done, or not needed */
export async function restartApiServer({ restartCommand, expectRestart }: ConnectData, { say }: RestartTools): Promise<string | undefined> {
  const [program, ...args] = restartCommand ?? [];
  if (program === undefined || !expectRestart) return undefined;
  say(`running ${[program, ...args].join(' ')}`);
  try {
    await promisify(execFile)(program, args, { timeout: TIMEOUT_MS });
    return undefined;
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    return `${[program, ...args].join(' ')} failed: ${code === 'ENOENT' ? `there is no program ${program}` : stderr?.trim() || message}`;
  }
}
