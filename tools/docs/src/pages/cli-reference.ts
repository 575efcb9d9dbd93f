import { PassThrough } from 'node:stream';
import { createProgram } from '@k8s-audit/cli';
import type { Command } from 'commander';

/** The help of every command, in the order of `k8s-audit --help`. */
export function renderCliReference(): string {
  const nowhere = new PassThrough();
  const program = createProgram({
    stdout: nowhere,
    stderr: nowhere,
    stdin: nowhere,
    env: {},
    cwd: '.',
    isTerminal: false,
    stopSignal: new AbortController().signal,
    now: () => 0,
    setExitCode: () => undefined,
  });
  return ['# The command `k8s-audit`', '', 'The help of every command, as it prints it.', ...sections(program, [])].join('\n');
}

function sections(command: Command, parents: readonly string[]): string[] {
  const path = [...parents, command.name()];
  // A fixed width, so that the page does not depend on the terminal that made it.
  command.configureHelp({ helpWidth: 100 });
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  const own = ['', `${'#'.repeat(Math.min(path.length + 1, 4))} ${path.join(' ')}`, '', '```text', help.trimEnd(), '```'];
  return [...own, ...command.commands.flatMap((child) => sections(child, path))];
}
