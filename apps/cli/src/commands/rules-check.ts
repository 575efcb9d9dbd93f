import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { PACKS, type PackName, renderPack } from '@k8s-audit/detections';
import type { RuleFile, Severity } from '@k8s-audit/wazuh-rules';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type CheckedRules, checkRules, type FoundProblem, readRuleFiles } from '../flows/check-rules.ts';
import { oneLine } from '../one-line.ts';
import { renderExcerpt } from '../source-excerpt.ts';

interface CheckFlags {
  readonly ruleset?: readonly string[];
  readonly pack?: readonly PackName[];
  readonly list?: readonly string[];
  readonly strict?: true;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit rules check /var/ossec/etc/rules
  k8s-audit rules check local_rules.xml --pack core
  k8s-audit rules check local_rules.xml --ruleset /var/ossec/ruleset/rules
  k8s-audit rules render --pack guide | k8s-audit rules check -

Reads rule files as Wazuh 4.14 does and tells what wazuh-analysisd -t tells, with line and column, what it passes over in silence, and what
to do. Files load in the order of their names, whatever the order here. Without --ruleset, ids below 100000 and unknown groups are taken for
stock rules.
Exit codes: 0 the rules do what they say (remarks are printed; --strict counts them), 1 Wazuh would refuse, drop or change something, 2 wrong usage.`;

/** `k8s-audit rules check FILE...`: what Wazuh makes of rule files, and where that is not what they say. */
export const registerRulesCheck: RegisterCommand = (parent, io) => {
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  parent
    .command('check')
    .description('check rule files as Wazuh reads them: what it refuses, drops or changes, and why')
    .argument('<path...>', 'rule files and folders of them; - is the standard input')
    .option('--ruleset <path>', 'stock rules that are loaded as well, a file or folder; may be repeated', several)
    .addOption(new Option('--pack <name...>', 'packs that these rules hang below').choices(PACKS.map(({ name }) => name)))
    .option(
      '--list <path>',
      'a CDB list that ossec.conf declares beside the stock ones, such as etc/lists/k8s-users; may be repeated',
      several,
    )
    .option('--strict', 'fail on remarks too')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((paths: readonly string[], flags: CheckFlags) => runCheck(paths, flags, io));
};

async function runCheck(paths: readonly string[], flags: CheckFlags, io: CommandIo): Promise<void> {
  const at = (path: string): string => resolve(io.cwd, path);
  const named = await readRuleFiles(
    paths.filter((path) => path !== '-'),
    at,
  );
  const piped: readonly RuleFile[] = paths.includes('-') ? [{ name: 'stdin', text: await buffer(io.stdin) }] : [];
  const ruleset = flags.ruleset === undefined ? undefined : await readRuleFiles(flags.ruleset, at);
  const checked = checkRules([...named, ...piped], {
    ...(ruleset === undefined ? {} : { ruleset }),
    packs: [...new Set(flags.pack ?? [])].flatMap((pack) => [...renderPack(pack)].map(([name, text]): RuleFile => ({ name, text }))),
    ...(flags.list === undefined ? {} : { lists: flags.list }),
  });
  printResult(io, flags.output, checked, renderChecked);
  io.setExitCode(checked.problems.some((problem) => problem.fails || flags.strict === true) ? 1 : 0);
}

function renderChecked({ files, loadedRules, problems, wazuhExitCode }: CheckedRules): string {
  const rules = `${loadedRules} ${loadedRules === 1 ? 'rule' : 'rules'} in ${files.length} ${files.length === 1 ? 'file' : 'files'}`;
  const ends = wazuhExitCode === 1 ? 'wazuh-analysisd would not start' : `wazuh-analysisd would start with ${rules}`;
  const sum = problems.length === 0 ? 'no problems' : countBySeverity(problems);
  return [...problems.map(renderProblem), `${ends}: ${sum}.`].join('\n\n');
}

function renderProblem(problem: FoundProblem): string {
  const { file, line, column, severity, message, code, logLines, reached, sourceLine, hint } = problem;
  const source = /^\d+$/.test(code) ? `Wazuh ${code}` : code;
  const silence = logLines.length === 0 ? ', Wazuh says nothing' : '';
  const later = reached ? '' : '; Wazuh comes to it when what stands before is mended';
  return [
    `${file}:${line}:${column}: ${SEVERITY_WORDS[severity]}: ${oneLine(message)} (${source}${silence}${later})`,
    ...(sourceLine === undefined ? [] : [renderExcerpt(sourceLine, column)]),
    `  try: ${oneLine(hint)}`,
  ].join('\n');
}

const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  'refuses-to-start': 'refuses to start',
  'drops-rule': 'drops the rule',
  'changes-rule': 'changes the rule',
  warning: 'remark',
};

function countBySeverity(problems: readonly FoundProblem[]): string {
  return (['refuses-to-start', 'drops-rule', 'changes-rule', 'warning'] as const)
    .map((severity) => ({ severity, count: problems.filter((problem) => problem.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} × ${SEVERITY_WORDS[severity]}`)
    .join(', ');
}
