import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What can follow a path of command words: further commands and options. File names are left to the shell. */
interface CompletionEntry {
  /** `` for the program itself, `certs create` below it. */
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly description: string }[];
}

export function renderCompletion(shell: Shell, program: Command): string {
  const entries = completionEntries(program, []);
  if (shell === 'fish') return renderFish(program.name(), entries);
  const bash = renderBash(program.name(), entries);
  // zsh runs bash's scripts through its own bridge.
  return shell === 'bash' ? bash : `#compdef ${program.name()}\nautoload -Uz bashcompinit && bashcompinit\n${bash}`;
}

function completionEntries(command: Command, path: readonly string[]): readonly CompletionEntry[] {
  const commands = command.commands.map((child) => ({ word: child.name(), description: child.description() }));
  const options = command.options.flatMap((option) => (option.long ? [{ word: option.long, description: option.description }] : []));
  const own = { path: path.join(' '), words: [...commands, ...options, { word: '--help', description: 'display help' }] };
  return [own, ...command.commands.flatMap((child) => completionEntries(child, [...path, child.name()]))];
}

function renderBash(name: string, entries: readonly CompletionEntry[]): string {
  const cases = entries.map(({ path, words }) => `    "${path}") words="${words.map(({ word }) => word).join(' ')}" ;;`);
  const id = name.replaceAll('-', '_');
  return `_${id}() {
  local path="" words="" word
  # The command path: every word before the cursor that is neither an option nor a value the tree does not know.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${entries
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      "${path.includes(' ') ? '' : ' '}${path}") path="${path}" ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${id} ${name}
`;
}

function renderFish(name: string, entries: readonly CompletionEntry[]): string {
  return entries.flatMap(({ path, words }) => words.map((each) => fishLine(name, path, entries, each))).join('');
}

function fishLine(
  name: string,
  path: string,
  entries: readonly CompletionEntry[],
  { word, description }: CompletionEntry['words'][number],
): string {
  const parts = path === '' ? [] : path.split(' ');
  const siblings = entries
    .filter((entry) => entry.path !== '' && entry.path.split(' ').length === parts.length + 1)
    .map((entry) => entry.path.split(' ').at(-1));
  const conditions = [
    ...parts.map((part) => `__fish_seen_subcommand_from ${part}`),
    ...(siblings.length > 0 && !word.startsWith('--') ? [`not __fish_seen_subcommand_from ${siblings.join(' ')}`] : []),
  ];
  const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
  return `complete -c ${name} -n '${conditions.join('; and ') || 'true'}' ${what} -d '${description.replaceAll("'", '’')}'\n`;
}
