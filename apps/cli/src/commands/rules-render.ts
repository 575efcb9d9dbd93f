import { relative, resolve } from 'node:path';
import { DEFAULT_ID_BASE, PACKS, type PackName, renderPack } from '@k8s-audit/detections';
import { Failure } from '@k8s-audit/failure';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { writeRules } from '../flows/write-rules.ts';

interface RenderFlags {
  readonly pack: readonly PackName[];
  readonly idBase?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Packs:
${PACKS.map(({ name, summary, files }) => `  ${name.padEnd(6)} ${summary} (${files.join(', ')})`).join('\n')}

Examples:
  k8s-audit rules render
  k8s-audit rules render --pack core guide --out /var/ossec/etc/rules
  k8s-audit rules render --id-base 105000 -o json

Wazuh reads them after a restart, from 4.13 on after a reload of its rule set. With both packs loaded, a rule of core wins.
Exit codes: 0 done, 1 a file is there already or a value is refused, 2 wrong usage.`;

/** `k8s-audit rules render`: the rule files of one or more packs. */
export const registerRulesRender: RegisterCommand = (parent, io) => {
  parent
    .command('render')
    .description('render the Wazuh rule files of a pack')
    .addOption(new Option('--pack <name...>', 'which packs').choices(PACKS.map(({ name }) => name)).default(['core'], 'core'))
    .option('--id-base <id>', `first rule id of the pack core (default: ${DEFAULT_ID_BASE})`)
    .option('--out <folder>', 'write the files there instead of printing them')
    .option('--force', 'replace files in the folder of --out')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: RenderFlags) => runRender(flags, io));
};

async function runRender(flags: RenderFlags, io: CommandIo): Promise<void> {
  const options = flags.idBase === undefined ? {} : { idBase: idBaseOf(flags.idBase, flags.pack) };
  const files = new Map([...new Set(flags.pack)].flatMap((pack) => [...renderPack(pack, options)]));
  if (flags.out === undefined) return printResult(io, flags.output, { files: Object.fromEntries(files) }, () => textOf(files));
  const paths = await writeRules(resolve(io.cwd, flags.out), files, flags.force ?? false);
  printResult(io, flags.output, { written: paths }, () => paths.map((path) => `Written: ${relative(io.cwd, path)}`).join('\n'));
}

/** Several files in one stream: each begins with its name in a comment, which Wazuh skips. */
function textOf(files: ReadonlyMap<string, string>): string {
  if (files.size === 1) return [...files.values()].join('');
  return [...files].map(([name, text]) => `<!-- ${name} -->\n${text}`).join('\n');
}

function idBaseOf(text: string, packs: readonly PackName[]): number {
  if (!/^\d+$/.test(text)) throw new Failure('USAGE', `--id-base takes a number, not ${text}.`, { hint: 'k8s-audit rules render --help' });
  if (!packs.includes('core')) throw new Failure('USAGE', 'The ids of the pack guide are fixed.', { hint: 'Leave --id-base out.' });
  return Number(text);
}
