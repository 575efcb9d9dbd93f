import type { Writable } from 'node:stream';
import { type Command, Option } from 'commander';

/** What a command may touch of the process around it. `main.ts` hands in the real one, a test its own. */
export interface CommandIo {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** stdout is a terminal that a person reads: colours, live tables and progress are welcome. */
  readonly isTerminal: boolean;
  /** Aborted by Ctrl-C and SIGTERM; a long-running command stops in order and returns. */
  readonly stopSignal: AbortSignal;
  readonly now: () => number;
  /** 0 done, 1 a negative result (findings, refused, failed), 2 wrong usage. Without a call: 0. */
  readonly setExitCode: (code: 0 | 1 | 2) => void;
}

/** Adds one command to its group. One file in commands/ each: it parses, calls a flow, prints. */
export type RegisterCommand = (parent: Command, io: CommandIo) => void;

export type OutputFormat = 'text' | 'json';

/** `-o, --output text|json`, the same on every command that prints a result. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print the result').choices(['text', 'json']).default('text');
}

/** Prints a result once: as one JSON document, or as the text that `renderText` makes of it. */
export function printResult<Result>(io: CommandIo, format: OutputFormat, result: Result, renderText: (result: Result) => string): void {
  const text = format === 'json' ? JSON.stringify(result, null, 2) : renderText(result);
  io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
