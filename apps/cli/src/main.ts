#!/usr/bin/env node
import { explainFailure, Failure } from '@k8s-audit/failure';
import { CommanderError } from 'commander';
import type { CommandIo } from './command-io.ts';
import { exitCodeOf } from './exit-code.ts';
import { createProgram } from './program.ts';

void main();

/** The only place that catches, prints and sets the exit code. */
async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal));
  // Whoever started us with a channel is gone when it closes: then we go too. It does not keep us alive, and a command that ends ends.
  process.once('disconnect', () => stop.abort('SIGTERM'));
  process.channel?.unref();
  // `k8s-audit ... | head` closes our output early: that is an end, not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const io: CommandIo = {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    isTerminal: process.stdout.isTTY === true,
    stopSignal: stop.signal,
    now: Date.now,
    setExitCode: (code) => {
      process.exitCode = code;
    },
  };
  try {
    await createProgram(io).parseAsync(process.argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!(error instanceof CommanderError)) process.stderr.write(`${explainFailure(error)}\n`);
    if (!(error instanceof CommanderError || error instanceof Failure) && process.env['K8S_AUDIT_DEBUG']) console.error(error);
  }
}
