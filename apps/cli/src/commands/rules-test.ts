import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Failure } from '@k8s-audit/failure';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { parseRuleCases, type RuleCase, readRuleCases } from '../flows/rule-cases.ts';
import type { WireOptions } from '../flows/rule-event.ts';
import { renderTestedEvents, renderTestedPacks } from '../flows/rule-test-text.ts';
import { loadRulesUnderTest, type RulesUnderTest } from '../flows/rules-under-test.ts';
import { casesFrom, joinResults, type RuleTestResult, testPackExamples, testRules } from '../flows/test-rules.ts';
import { addRuleOptions, type RuleFlags, rulesOf } from '../rule-options.ts';
import { warnOfProblems } from '../rule-problem-line.ts';

interface TestFlags extends RuleFlags {
  readonly events?: readonly string[];
  readonly wire: WireOptions['wire'];
  readonly cluster: string;
  readonly location?: string;
  readonly asCases?: true;
  readonly output: OutputFormat;
}

const HELP = `
Without --events every example of the packs is tried, with --rules beside your own rules: does one of them silence a detection?

Events are read one a line: audit events and EventLists as the API server writes them (they go through the product's own wire format),
and any other line as a log line. A line, or an entry of a YAML list, may be a case:
  {"event": {"kind": "Event", …}, "expect": 118101}
  {"event": "a log line", "location": "/var/log/x", "after": 30, "expect": {"rule": 5716, "level": 5, "alerted": true}}
expect: a rule id; "none", no rule; "no-alert"; or an object with any of rule (null: none), not (a list of ids), level, alerted,
description, decoder, groups; for an EventList a list of them. after: seconds since the event before, for rules that count.

Examples:
  k8s-audit rules test
  k8s-audit rules test --rules local_rules.xml
  k8s-audit rules test --rules local_rules.xml --events audit.log
  k8s-audit rules test --rules local_rules.xml --events audit.log --as-cases > cases.jsonl
  k8s-audit rules test --rules local_rules.xml --events cases.jsonl        (in CI)
  kubectl logs … | k8s-audit rules test --pack none --rules my_rules.xml --events - --wire raw --location stdin

Exit codes: 0 as expected, 1 something is not as expected, undecided, or the rules are refused, 2 wrong usage.`;

/** `k8s-audit rules test`: the packs' examples, or any events, through the rules and the rule engine. */
export const registerRulesTest: RegisterCommand = (parent, io) => {
  const command = parent
    .command('test')
    .description('try rules on events: every example of the packs, or events and expectations of your own')
    .option('--events <file...>', 'events, one a line, or cases; - is the standard input');
  addRuleOptions(command)
    .addOption(
      new Option('--wire <format>', 'what audit events become: the wire event, what the guide’s script sends, or nothing else')
        .choices(['v1', 'guide', 'raw'])
        .default('v1'),
    )
    .option('--cluster <name>', 'the cluster that audit events are said to come from', 'test')
    .option('--location <text>', 'the location, instead of the cluster’s, or of k8s for log lines')
    .option('--as-cases', 'print the events as cases that expect what happened now')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: TestFlags) => runTest(flags, io));
};

async function runTest(flags: TestFlags, io: CommandIo): Promise<void> {
  const result = flags.events === undefined ? await testPacks(flags, io) : await testEvents(flags, flags.events, io);
  // An event that the engine could not tell is no success, whatever was expected.
  io.setExitCode(result.failed === 0 && result.refused === 0 && Object.keys(result.undecided).length === 0 ? 0 : 1);
}

/** Each pack's examples with that pack alone: beside `core` the guide's rules seldom come to their turn. */
async function testPacks(flags: TestFlags, io: CommandIo): Promise<RuleTestResult> {
  if (flags.asCases === true) throw usage('--as-cases needs --events');
  const chosen = rulesOf(flags.pack === undefined && flags.rules === undefined ? { ...flags, pack: ['core', 'guide'] } : flags);
  if (chosen.packs.length === 0) throw usage('without a pack there are no examples: give --events');
  const tested: { readonly rules: RulesUnderTest; readonly result: RuleTestResult }[] = [];
  for (const pack of chosen.packs) {
    const rules = await loadRulesUnderTest({ ...chosen, packs: [pack] }, (path) => resolve(io.cwd, path));
    warnOfProblems(io.stderr, rules.problems);
    tested.push({ rules, result: testPackExamples(() => rules.openEngine(), pack) });
  }
  const result = joinResults(tested.map((each) => each.result));
  const files = [...new Set(tested.flatMap(({ rules }) => rules.files))];
  printResult(io, flags.output, { files, ...result }, () => renderTestedPacks(result));
  return result;
}

async function testEvents(flags: TestFlags, events: readonly string[], io: CommandIo): Promise<RuleTestResult> {
  const rules = await loadRulesUnderTest(rulesOf(flags), (path) => resolve(io.cwd, path));
  warnOfProblems(io.stderr, rules.problems);
  const cases = await readCases(events, flags, io);
  const result = testRules(rules.openEngine(), cases, rules.own);
  if (flags.asCases === true)
    io.stdout.write(
      casesFrom(cases, result)
        .map((line) => `${line}\n`)
        .join(''),
    );
  else printResult(io, flags.output, { files: rules.files, ...result }, () => renderTestedEvents(result));
  return result;
}

function usage(message: string): Failure {
  return new Failure('USAGE', message, { hint: 'k8s-audit rules test --help' });
}

async function readCases(names: readonly string[], { wire, cluster, location }: TestFlags, io: CommandIo): Promise<readonly RuleCase[]> {
  const options: WireOptions = { wire, cluster, ...(location === undefined ? {} : { location }) };
  const all: RuleCase[] = [];
  for (const name of names)
    all.push(
      ...(name === '-'
        ? parseRuleCases('stdin', await text(io.stdin), options)
        : await readRuleCases(name, resolve(io.cwd, name), options)),
    );
  return all;
}
