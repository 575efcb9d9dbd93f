import { execFileSync } from 'node:child_process';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { renderCompletion } from './completion-script.ts';

function exampleProgram(): Command {
  const program = new Command('k8s-audit');
  const certs = program.command('certs').description('certificates');
  certs.command('create').description('make them').option('--dir <folder>', 'where');
  certs.command('show').description('look at them');
  program.command('policy').description('the policy').command('show').description('print it');
  return program;
}

function complete(line: readonly string[]): string[] {
  const script = `${renderCompletion('bash', exampleProgram())}
COMP_WORDS=(${line.map((word) => `"${word}"`).join(' ')}); COMP_CWORD=${line.length - 1}
_k8s_audit; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

it.each([
  [
    ['k8s-audit', ''],
    ['certs', 'policy', '--help'],
  ],
  [['k8s-audit', 'c'], ['certs']],
  [
    ['k8s-audit', 'certs', ''],
    ['create', 'show', '--help'],
  ],
  [['k8s-audit', 'certs', 'create', '--d'], ['--dir']],
  [['k8s-audit', 'policy', 'show', ''], ['--help']],
])('completes %j in bash', (line, words) => {
  expect(complete(line)).toEqual(words);
});

it('writes one fish line a word', () => {
  expect(renderCompletion('fish', exampleProgram())).toContain(
    "-n '__fish_seen_subcommand_from certs; and __fish_seen_subcommand_from create' -l dir",
  );
});
