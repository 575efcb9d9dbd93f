import { Argument, type Command } from 'commander';
import type { RegisterCommand } from '../command-io.ts';
import { renderCompletion, SHELLS, type Shell } from '../completion-script.ts';

const EXAMPLES = `
Examples:
  source <(k8s-audit completion bash)
  k8s-audit completion zsh > "\${fpath[1]}/_k8s-audit"
  k8s-audit completion fish > ~/.config/fish/completions/k8s-audit.fish`;

/** `k8s-audit completion SHELL`: prints a completion script made from the command tree. */
export const registerCompletion: RegisterCommand = (parent, io) => {
  parent
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => void io.stdout.write(renderCompletion(shell, rootOf(parent))));
};

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
