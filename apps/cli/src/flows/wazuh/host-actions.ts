import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { Failure } from '@k8s-audit/failure';
import { describeKept, type KeptAccess, type KeptChange, openKept, putBack } from './archive/kept-change.ts';
import { awaitReceiver, type ReceiverReadiness } from './receiver-ready.ts';

/** A program and its arguments. */
export type HostCommand = readonly string[];

/** Commands of the system that an installation runs, and those that take it back. */
export interface HostAction {
  readonly says: string;
  readonly run: readonly HostCommand[];
  /** Empty: there is nothing to take back. */
  readonly undo: readonly HostCommand[];
  /** Taken back when the files are as before: the user that some belong to, a service that needs them. Others, before. */
  readonly undoneAfterFiles?: true;
  /** A file that it is about: where that is gone, there is nothing to do. */
  readonly ofFile?: string;
  /** For each of its commands, default two minutes; and then for what it awaits. */
  readonly withinMs?: number;
  /** When the commands are through, this must come true. */
  readonly awaits?: ReceiverReadiness;
  /** Beside its commands it writes this; its undo puts back what was there. */
  readonly keeps?: KeptChange;
  /** What this prints is why it failed. */
  readonly explainedBy?: HostCommand;
}

const WITHIN_MS = 120_000;

/** The user is made before the files that belong to it: an interrupted installation has made it already. */
export function isUserAction({ run }: HostAction): boolean {
  return run[0]?.[0] === 'useradd';
}

/** When units came, changed or went. */
export function readUnits(): HostAction {
  const reload = [['systemctl', 'daemon-reload']];
  return { says: 'systemd: read the units', run: reload, undo: reload, undoneAfterFiles: true };
}

export interface ActionTools {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** To the indexer and the dashboard, for what they keep. */
  readonly access?: KeptAccess;
  readonly onAction?: (action: HostAction) => void;
}

/**
 * Runs actions in order. When one fails, those that were run are taken back, the last first.
 *
 * @throws Failure HOST_ACTION_FAILED with what the command said, INDEXER_FAILED, RECEIVER_NOT_READY
 */
export async function runActions(actions: readonly HostAction[], tools: ActionTools): Promise<void> {
  const run: HostAction[] = [];
  for (const action of actions) {
    if (action.ofFile !== undefined && !existsSync(action.ofFile)) continue;
    tools.onAction?.(action);
    try {
      for (const command of action.run) {
        await runCommand(command, tools.env, action.withinMs);
        // One that did nothing is not taken back: what it would have made may be somebody else's.
        if (!run.includes(action)) run.push(action);
      }
      if (action.keeps !== undefined) {
        // First: an answer that did not come may have been a write. Putting back what was not written does nothing.
        run.push(action);
        await openKept(action.keeps, tools.access ?? {}).write(action.keeps.after);
      }
      if (action.awaits !== undefined) await awaitReceiver(action.awaits, action.withinMs ?? WITHIN_MS);
    } catch (error) {
      const explained = await withReason(error, action, tools.env);
      // A service that was begun may be half-way up: that is not nothing.
      await undoActions(action.awaits === undefined || run.includes(action) ? run : [...run, action], tools);
      throw explained;
    }
  }
}

/** Runs actions once more that were run before, each also when another cannot be. @returns what could not be, in words */
export async function runActionsAgain(actions: readonly HostAction[], tools: ActionTools): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const action of actions)
    await runActions([action], tools).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      problems.push(error.message);
    });
  return problems;
}

/** Takes actions back, the last first, each also when another cannot be. @returns what could not be taken back, in words */
export async function undoActions(actions: readonly HostAction[], tools: ActionTools): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { undo, keeps } of actions.toReversed()) {
    if (keeps !== undefined) problems.push(...(await putBackOrName(keeps, tools.access ?? {})));
    for (const command of undo)
      try {
        await runCommand(command, tools.env);
      } catch (error) {
        problems.push((error as Error).message);
      }
  }
  return problems;
}

/** A server that does not answer, or lets nobody in, keeps what it has: a person is told what and where. */
async function putBackOrName(keeps: KeptChange, access: KeptAccess): Promise<readonly string[]> {
  try {
    const left = await putBack(keeps, access);
    return left === undefined ? [] : [left];
  } catch (error) {
    return [`${describeKept(keeps)}: ${(error as Error).message}`];
  }
}

/** What is taken back while the files are still there. */
export function beforeFiles(actions: readonly HostAction[]): readonly HostAction[] {
  return actions.filter(({ undoneAfterFiles }) => undoneAfterFiles !== true);
}

/** What is taken back when the files are as before. */
export function afterFiles(actions: readonly HostAction[]): readonly HostAction[] {
  return actions.filter(({ undoneAfterFiles }) => undoneAfterFiles === true);
}

/** @returns what it printed; undefined when it is not there or says no */
export async function tryCommand(command: HostCommand, env: ActionTools['env']): Promise<string | undefined> {
  try {
    return await runCommand(command, env);
  } catch {
    return undefined;
  }
}

/** What the program itself said at its end is worth more than that it ended. */
async function withReason(error: unknown, { explainedBy }: HostAction, env: ActionTools['env']): Promise<unknown> {
  const said = explainedBy === undefined ? undefined : (await tryCommand(explainedBy, env))?.trim();
  if (!(error instanceof Failure) || said === undefined || said === '') return error;
  return new Failure(error.code, `${error.message}\n  ${said.split('\n').join('\n  ')}`, { hint: error.hint, cause: error });
}

async function runCommand([program = '', ...args]: HostCommand, env: ActionTools['env'], timeout: number = WITHIN_MS): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      timeout,
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
