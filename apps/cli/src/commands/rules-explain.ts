import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Failure } from '@k8s-audit/failure';
import { renderExplanation } from '@k8s-audit/rule-engine';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { explainCase } from '../flows/explain-rules.ts';
import { parseRuleCases, readRuleCases } from '../flows/rule-cases.ts';
import type { WireOptions } from '../flows/rule-event.ts';
import { loadRulesUnderTest } from '../flows/rules-under-test.ts';
import { addRuleOptions, type RuleFlags, rulesOf } from '../rule-options.ts';
import { warnOfProblems } from '../rule-problem-line.ts';

interface ExplainFlags extends RuleFlags {
  readonly event: string;
  readonly item?: string;
  readonly wire: WireOptions['wire'];
  readonly cluster: string;
  readonly location?: string;
  readonly all?: true;
  readonly output: OutputFormat;
}

const HELP = `
Shows which rules Wazuh would try on an event, in its order; at which condition and value each one fails; which rule wins and by what; and
which would have matched had it not won. An audit event goes through the product's own wire format first; any other line is a log line.
Of several events in the file the first is explained, or --item; those before it are remembered, for rules that count.

Examples:
  k8s-audit rules explain --event event.json
  k8s-audit rules explain --event audit.log --item 3 --rules local_rules.xml
  echo 'Accepted password for root' | k8s-audit rules explain --event - --pack none --rules my_rules.xml --location /var/log/auth.log

Exit codes: 0 explained, also when no rule matches, 1 undecided, refused, or not there, 2 wrong usage.`;

/** `k8s-audit rules explain`: the rules that were tried, the condition that decided, and what the winner keeps from matching. */
export const registerRulesExplain: RegisterCommand = (parent, io) => {
  const command = parent
    .command('explain')
    .description('say which rules an event meets, which condition decides, and what would have matched otherwise')
    .requiredOption('--event <file>', 'the event: an audit event, an EventList, a wire event or a log line; - is the standard input')
    .option('--item <number>', 'which event of the file, from 1');
  addRuleOptions(command)
    .addOption(new Option('--wire <format>', 'what an audit event becomes').choices(['v1', 'guide', 'raw']).default('v1'))
    .option('--cluster <name>', 'the cluster that an audit event is said to come from', 'test')
    .option('--location <text>', 'the location, instead of the cluster’s, or of k8s for a log line')
    .option('--all', 'show those rules too that fail on their first condition')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: ExplainFlags) => runExplain(flags, io));
};

async function runExplain(flags: ExplainFlags, io: CommandIo): Promise<void> {
  const item = itemOf(flags.item);
  const at = (path: string): string => resolve(io.cwd, path);
  const rules = await loadRulesUnderTest(rulesOf(flags), at);
  warnOfProblems(io.stderr, rules.problems);
  const options: WireOptions = {
    wire: flags.wire,
    cluster: flags.cluster,
    ...(flags.location === undefined ? {} : { location: flags.location }),
  };
  const cases =
    flags.event === '-'
      ? parseRuleCases('stdin', await text(io.stdin), options)
      : await readRuleCases(flags.event, at(flags.event), options);
  const explained = explainCase(rules.openEngine(), cases, item);
  printResult(io, flags.output, explained, ({ name, explanation }) =>
    explanation.kind === 'not-sent'
      ? `${name}: ${explanation.reason}`
      : `${name}\n${renderExplanation(explanation, { everything: flags.all === true })}`,
  );
  const isTold = explained.explanation.kind === 'explained' && explained.explanation.result.kind !== 'undecided';
  io.setExitCode(isTold ? 0 : 1);
}

function itemOf(text: string | undefined): number {
  if (text === undefined) return 1;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Failure('USAGE', `--item takes a number from 1, not ${text}`, { hint: 'k8s-audit rules explain --help' });
}
