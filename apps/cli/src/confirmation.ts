import { createInterface } from 'node:readline/promises';
import { Failure } from '@k8s-audit/failure';
import type { CommandIo } from './command-io.ts';

/**
 * Asks a person before something of theirs is changed; anything but `y` or `yes` is a no. `--yes` answers for them.
 *
 * @throws Failure USAGE where nobody can be asked and `--yes` was not given
 */
export async function confirm(io: CommandIo, question: string, isAnswered: boolean): Promise<boolean> {
  if (isAnswered) return true;
  if (!io.isTerminal)
    throw new Failure('USAGE', 'This changes files and nobody can be asked: stdin or stdout is no terminal.', {
      hint: 'See what it would do with --dry-run, then run it with --yes.',
    });
  const prompt = createInterface({ input: io.stdin, output: io.stdout });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `, { signal: io.stopSignal })).trim());
  } finally {
    prompt.close();
  }
}
