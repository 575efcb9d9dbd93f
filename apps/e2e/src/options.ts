import { resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { Command } from 'commander';
import { CLUSTER_NAMES } from './clusters.ts';
import { isInRun, RUNS } from './runs.ts';
import { SCENARIOS } from './scenarios/index.ts';

export interface Options {
  readonly runs: readonly (typeof RUNS)[number][];
  readonly scenarios: readonly (typeof SCENARIOS)[number][];
  readonly cluster: string;
  readonly wazuh: string;
  /** Absent: the source tree. */
  readonly product?: string;
  readonly reportFolder: string;
  readonly keep: boolean;
  /** Say what there is, and do nothing. */
  readonly list: boolean;
}

interface Flags {
  readonly run: readonly string[];
  readonly scenario: readonly string[];
  readonly cluster: string;
  readonly wazuh: string;
  readonly product?: string;
  readonly report: string;
  readonly keep?: boolean;
  readonly list?: boolean;
}

/** @throws {Failure} USAGE for a name that is none; {CommanderError} for anything else, and for --help */
export function parseOptions(argv: readonly string[]): Options {
  const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  const command = new Command('npm run e2e --')
    .description('Runs the product between a real Kubernetes control plane and a Wazuh back end, and looks whether every event arrives.')
    .option('--scenario <name>', 'only this scenario; repeatable (default: all)', collect, [])
    .option('--run <name>', 'only this set of rules; repeatable (default: all)', collect, [])
    .option('--cluster <name>', `where the events come from: ${CLUSTER_NAMES.join(', ')}`, 'testbed')
    .option('--wazuh <where>', '`embedded`, or the folder of a Wazuh manager on this machine, such as /var/ossec', 'embedded')
    .option('--product <file>', 'the command k8s-audit as it was built: a script for Node or a program (default: the source tree)')
    .option('--report <folder>', 'where e2e.json and e2e.txt are written', 'reports')
    .option('--keep', 'leave all files of the run behind; they stay as well when something failed')
    .option('--list', 'print the scenarios and runs')
    .addHelpText('after', '\nExit codes: 0 all passed, 1 something failed, 2 wrong usage.')
    .exitOverride()
    .parse(argv, { from: 'user' });
  const flags = command.opts<Flags>();
  const scenarios = choose('scenario', SCENARIOS, flags.scenario);
  // A run in which nothing would happen is not started.
  const happens = (run: (typeof RUNS)[number]): boolean =>
    run.migrates === true ? flags.scenario.length === 0 : scenarios.some((scenario) => isInRun(scenario, run));
  const runs = choose('run', RUNS, flags.run).filter(happens);
  if (runs.length === 0)
    throw new Failure('USAGE', 'none of these scenarios belongs to these runs', { hint: 'leave --run out, or see --list' });
  return {
    runs,
    scenarios,
    cluster: flags.cluster,
    wazuh: flags.wazuh,
    ...(flags.product === undefined ? {} : { product: resolve(flags.product) }),
    reportFolder: flags.report,
    keep: flags.keep ?? false,
    list: flags.list ?? false,
  };
}

/** Those named, in their own order; all when none is named. */
function choose<T extends { readonly name: string }>(what: string, all: readonly T[], names: readonly string[]): readonly T[] {
  const known = all.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Failure('USAGE', `there is no ${what} called ${unknown.join(', ')}`, { hint: `there are: ${known.join(', ')}` });
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}
