import { Command } from 'commander';
import { COMMAND_GROUPS } from './command-groups.ts';
import type { CommandIo } from './command-io.ts';
import { VERSION } from './version.ts';

/** Builds the whole command tree. Nothing runs before `parseAsync`; the CLI reference page is generated from this tree. */
export function createProgram(io: CommandIo): Command {
  const program = new Command('k8s-audit')
    .description('Kubernetes audit for Wazuh: takes audit events from API servers to Wazuh, without losing one.')
    .version(VERSION, '-V, --version', 'print the version')
    .showHelpAfterError('(add --help for what the command takes)')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 done, 1 a negative result or a failure, 2 wrong usage.\nStart here:  k8s-audit start');
  for (const group of COMMAND_GROUPS) {
    const parent =
      group.name === undefined ? program : program.command(group.name).description(group.summary).copyInheritedSettings(program);
    for (const register of group.commands) register(parent, io);
  }
  return program;
}
