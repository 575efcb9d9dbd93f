import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '@k8s-audit/failure';

/** A program and its arguments. */
export type HostCommand = readonly string[];

/** Commands of the system that an installation runs, and those that take it back. */
export interface HostAction {
  readonly says: string;
  readonly run: readonly HostCommand[];
  /** Empty: there is nothing to take back. */
  readonly undo: readonly HostCommand[];
}

/** The user is made before the files that belong to it, and goes after them; services are the other way round. */
export function isUserAction({ run }: HostAction): boolean {
  return run[0]?.[0] === 'useradd';
}

export interface ActionTools {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onAction?: (action: HostAction) => void;
}

/**
 * Runs actions in order. When one fails, those that were run are taken back, the last first.
 *
 * @throws Failure HOST_ACTION_FAILED with what the command said
 */
export async function runActions(actions: readonly HostAction[], tools: ActionTools): Promise<void> {
  const run: HostAction[] = [];
  for (const action of actions) {
    tools.onAction?.(action);
    try {
      for (const command of action.run) {
        await runCommand(command, tools.env);
        // One that did nothing is not taken back: what it would have made may be somebody else's.
        if (!run.includes(action)) run.push(action);
      }
    } catch (error) {
      await undoActions(run, tools);
      throw error;
    }
  }
}

/** Takes actions back, the last first, each also when another cannot be. @returns what could not be taken back, in words */
export async function undoActions(actions: readonly HostAction[], tools: ActionTools): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { undo } of actions.toReversed()) {
    for (const command of undo)
      try {
        await runCommand(command, tools.env);
      } catch (error) {
        problems.push((error as Error).message);
      }
  }
  return problems;
}

/** @returns what it printed; undefined when it is not there or says no */
export async function tryCommand(command: HostCommand, env: ActionTools['env']): Promise<string | undefined> {
  try {
    return await runCommand(command, env);
  } catch {
    return undefined;
  }
}

async function runCommand([program = '', ...args]: HostCommand, env: ActionTools['env']): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      timeout: 120_000,
      env: { ...env, PATH: withSystemFolders(env['PATH']), LC_ALL: 'C' },
    });
    return stdout;
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string };
    throw new Failure('HOST_ACTION_FAILED', `${[program, ...args].join(' ')}: ${(stderr || message).trim()}`, {
      hint: 'What was done before it has been taken back. Mend what it says, then run the command again.',
      cause,
    });
  }
}

/** `useradd` and its like are not on everybody's path, root's after `su` included. */
function withSystemFolders(path = ''): string {
  return [...(path === '' ? [] : [path]), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'].join(':');
}
