import { PassThrough, Readable } from 'node:stream';
import { Failure } from '@k8s-audit/failure';
import { CommanderError } from 'commander';
import type { CommandIo } from '../command-io.ts';
import { exitCodeOf } from '../exit-code.ts';
import { createProgram } from '../program.ts';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** As the process would end: 0, 1 or 2. */
  readonly exitCode: number;
  /** Present when a `Failure` ended the command. */
  readonly failure?: Failure;
}

/** Runs a command of the whole program in this process, as `main.ts` would. */
export async function runCommand(
  args: readonly string[],
  surroundings: { readonly cwd?: string; readonly nowMs?: number; readonly stdin?: string; readonly stopSignal?: AbortSignal } = {},
): Promise<CommandResult> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let exitCode = 0;
  const io: CommandIo = {
    stdout,
    stderr,
    stdin: Readable.from(surroundings.stdin === undefined ? [] : [Buffer.from(surroundings.stdin)]),
    env: {},
    cwd: surroundings.cwd ?? process.cwd(),
    isTerminal: false,
    stopSignal: surroundings.stopSignal ?? new AbortController().signal,
    now: () => surroundings.nowMs ?? Date.now(),
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  const result = (failure?: Failure): CommandResult => ({
    stdout: String(stdout.read() ?? ''),
    stderr: String(stderr.read() ?? ''),
    exitCode,
    ...(failure === undefined ? {} : { failure }),
  });
  try {
    await createProgram(io).parseAsync(['node', 'k8s-audit', ...args]);
    return result();
  } catch (error) {
    if (!(error instanceof CommanderError || error instanceof Failure)) throw error;
    exitCode = exitCodeOf(error);
    return result(error instanceof Failure ? error : undefined);
  }
}
