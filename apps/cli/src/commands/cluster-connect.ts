import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { DEFAULT_EVENTS_PER_SECOND, DEFAULT_PORT, parseFlag } from '@k8s-audit/apiserver-config';
import { makeProfile, PROFILES, renderPolicy } from '@k8s-audit/audit-policy';
import { averageEventRate, seeApiServers } from '@k8s-audit/cluster';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type Connected, connectCluster, resumeConnect, rollBackConnect, type SettleTools } from '../flows/cluster/connect-cluster.ts';
import type { ConnectWish } from '../flows/cluster/connect-material.ts';
import { renderConnected, renderConnectPlan } from '../flows/cluster/connect-text.ts';
import { NODE_DISTRIBUTIONS, type NodeDistribution, STATIC_POD } from '../flows/cluster/node-distribution.ts';
import { kubernetesVersion, loadPolicy } from '../flows/load-policy.ts';

interface ConnectFlags extends NodeFlags {
  readonly receiver?: string;
  readonly certs?: string;
  readonly apiServer?: string;
  readonly tlsServerName?: string;
  readonly profile: string;
  readonly policy?: string;
  readonly kubernetesVersion?: string;
  readonly backEnd: 'webhook' | 'log' | 'both';
  readonly logPath: string;
  readonly rate: string;
  readonly kubeconfig?: string;
  readonly set?: readonly string[];
  readonly folder?: string;
  readonly apiServerUrl?: string;
  readonly restartCommand?: string;
  readonly replace?: boolean;
  readonly skipPreflight?: boolean;
}

/** What connect and disconnect have in common. */
export interface NodeFlags {
  readonly root?: string;
  readonly backup?: string;
  readonly distribution?: string;
  readonly config?: string;
  readonly wait: string;
  readonly apiserverLog?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly resume?: boolean;
  readonly rollback?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit cluster connect prod-eu --receiver 10.0.0.7 --certs ./prod-eu --dry-run    the diff and the plan
  k8s-audit cluster connect prod-eu --receiver 10.0.0.7 --certs ./prod-eu              on each control-plane node, one after the other
  k8s-audit cluster connect prod-eu --receiver 10.0.0.7 --certs ./prod-eu --back-end both --rate 800
  k8s-audit cluster connect prod-eu --receiver 10.0.0.7 --certs ./prod-eu --replace    take the place of the hand-made set-up
  k8s-audit cluster connect --resume      go on after an interruption; or --rollback

Run it on the node, as root. It waits until the API server is ready again and its events have arrived at the receiver (it sends anonymous
requests that are refused, to have something recorded); otherwise it puts everything back and says which of the two failed.
The modes "blocking" and "blocking-strict" are refused, a batch size of 1 is repaired, settings of others are named and left alone.
Exit codes: 0 connected (or nothing to do, or a dry run), 1 refused or put back, 2 wrong usage.`;

/** `k8s-audit cluster connect`: one API server sends its audit events to the receiver, or everything is as before. */
export const registerClusterConnect: RegisterCommand = (parent, io) => {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  const command = parent
    .command('connect')
    .description('connect the API server of this node to the receiver; takes itself back if that does not work')
    .argument('[cluster]', 'the cluster, as in its client certificate')
    .option('--receiver <host[:port]>', `where this node dials the receiver; port ${DEFAULT_PORT} if none is given`)
    .option('--certs <folder>', 'the cluster’s client certificate: what "certs create" made, or its clusters/NAME')
    .option('--api-server <name>', 'tells the API servers of one cluster apart (default: this machine’s name)')
    .option('--tls-server-name <name>', 'the name in the receiver’s certificate, where it is not the one dialled')
    .addOption(new Option('--profile <name>', 'which audit policy').choices(PROFILES.map(({ name }) => name)).default('recommended'))
    .option('--policy <file>', 'an audit policy of your own, instead of a profile')
    .option('--kubernetes-version <version>', 'of the API server: whose rules hold for the policy')
    .addOption(
      new Option('--back-end <kind>', 'where the API server writes: to the receiver, to a log file, or to both')
        .choices(['webhook', 'log', 'both'])
        .default('webhook'),
    )
    .option('--log-path <file>', 'the log file of --back-end log and both', '/var/log/kubernetes/audit/audit.log')
    .option('--rate <events>', 'audit events a second of one API server, on average; or "measured"', String(DEFAULT_EVENTS_PER_SECOND))
    .option('--kubeconfig <file>', 'of --rate measured: its user may read /metrics')
    .option('--set <flag=value>', 'another value for one of the flags; may be repeated', collect)
    .option('--config <file>', 'the file that is edited (default: where the distribution has it)')
    .option('--folder <path>', 'where the files go that the API server reads (default: where it can see them)')
    .option('--api-server-url <url>', 'where this very API server answers (default: as its configuration says)')
    .option('--restart-command <command>', 'how the API server is restarted, where nothing does it by itself')
    .option('--replace', 'take the place of audit settings that are somebody else’s')
    .option('--skip-preflight', 'do not ask the API server and the receiver before anything is changed');
  nodeOptions(command)
    .addHelpText('after', HELP)
    .action((cluster: string | undefined, flags: ConnectFlags) => runConnect(cluster, flags, io));
};

export function nodeOptions(command: ReturnType<Parameters<RegisterCommand>[0]['command']>): typeof command {
  return command
    .option('--root <folder>', 'stands for / of the node')
    .option(
      '--backup <folder>',
      `where the bytes from before and the journal are kept (default: where the distribution has it, ${STATIC_POD.backup})`,
    )
    .addOption(
      new Option('--distribution <name>', 'how the API server is run')
        .choices(NODE_DISTRIBUTIONS.map(({ name }) => name))
        .default(STATIC_POD.name),
    )
    .option('--wait <seconds>', 'how long the API server, and then its events, may take', '180')
    .option('--apiserver-log <file>', 'the API server’s log, where it is not in /var/log/pods')
    .option('--dry-run', 'show the diff and the plan, and change nothing')
    .option('--yes', 'do not ask')
    .option('--resume', 'go on with what was interrupted')
    .option('--rollback', 'take back what was interrupted')
    .addOption(outputOption());
}

async function runConnect(cluster: string | undefined, flags: ConnectFlags, io: CommandIo): Promise<void> {
  if (await settleInterrupted(flags, io)) return;
  const distribution = distributionOf(flags);
  const configFile = flags.config ?? distribution.configFile;
  if (configFile === undefined)
    throw new Failure('USAGE', `--config is missing: which file is the configuration of ${distribution.name}?`, {
      hint: 'k8s-audit cluster connect --help',
    });
  const wish = await wishOf(cluster, flags, distribution, io);
  const colour = io.isTerminal && !io.env['NO_COLOR'];
  const result = await connectCluster(
    wish,
    {
      distribution,
      root: rootOf(flags, io),
      configFile: flags.root === undefined && flags.config !== undefined ? resolve(io.cwd, flags.config) : configFile,
      ...(flags.apiServerUrl === undefined ? {} : { apiServerUrl: flags.apiServerUrl }),
      ...(flags.restartCommand === undefined ? {} : { restartCommand: flags.restartCommand.split(' ') }),
      replace: flags.replace ?? false,
      folder: wish.folder,
      dryRun: flags.dryRun ?? false,
      preflight: !flags.skipPreflight,
    },
    {
      ...settleTools(flags, io),
      onPlan: (plan) => {
        const text = renderConnectPlan(plan, { colour, backupFolder: backupFolder(flags, io) });
        (flags.output === 'json' ? io.stderr : io.stdout).write(`${text}\n`);
      },
      confirm: () => confirm(flags, io),
    },
  );
  printConnected(result, flags, io);
}

async function wishOf(
  cluster: string | undefined,
  flags: ConnectFlags,
  distribution: NodeDistribution,
  io: CommandIo,
): Promise<ConnectWish> {
  const needed = (name: string, value: string | undefined): string => {
    if (value !== undefined) return value;
    throw new Failure('USAGE', `${name} is missing`, { hint: 'k8s-audit cluster connect --help' });
  };
  return {
    cluster: needed('the name of the cluster', cluster),
    apiServer: flags.apiServer ?? hostname().toLowerCase(),
    receiver: needed('--receiver', flags.receiver),
    ...(flags.tlsServerName === undefined ? {} : { tlsServerName: flags.tlsServerName }),
    certificates: resolve(io.cwd, needed('--certs', flags.certs)),
    policyText: await renderedPolicy(flags, io),
    webhook: flags.backEnd !== 'log',
    ...(flags.backEnd === 'webhook' ? {} : { logPath: flags.logPath }),
    eventsPerSecond: await rateOf(flags, io),
    overrides: (flags.set ?? []).map(parseFlag),
    folder: flags.folder ?? distribution.folder,
  };
}

/** A profile as `policy render` prints it; or the file as it is, once it is known to be one that the API server starts with. */
export async function renderedPolicy(
  { profile: name, policy, kubernetesVersion: text }: Pick<ConnectFlags, 'profile' | 'policy' | 'kubernetesVersion'>,
  io: CommandIo,
): Promise<string> {
  const version = kubernetesVersion(text);
  const profile = PROFILES.find((each) => each.name === name);
  if (policy === undefined && profile !== undefined) {
    const made = makeProfile(profile, undefined, version);
    return renderPolicy(made.policy, made.comments);
  }
  const file = policy ?? '';
  const { warnings } = await loadPolicy(file, io, version);
  for (const warning of warnings) io.stderr.write(`${warning}\n`);
  return await readHostText(resolve(io.cwd, file));
}

/** `--resume` and `--rollback`. @returns whether that was all */
export async function settleInterrupted(flags: NodeFlags, io: CommandIo): Promise<boolean> {
  if (flags.resume && flags.rollback) throw new Failure('USAGE', '--resume goes on, --rollback goes back', { hint: 'give one of them' });
  if (!flags.resume && !flags.rollback) return false;
  const tools = settleTools(flags, io);
  const result = flags.resume ? await resumeConnect(tools) : await rollBackConnect(tools);
  if (result === undefined) printResult(io, flags.output, { kind: 'nothing-to-do' }, () => 'Nothing was interrupted here.');
  else if (result.kind === 'disconnected') printResult(io, flags.output, result, () => 'Disconnected.');
  else {
    printConnected(result, flags, io);
    // Going back was what the person asked for.
    if (flags.rollback && result.kind === 'taken-back' && result.isBack) io.setExitCode(0);
  }
  return true;
}

export function settleTools(flags: NodeFlags, io: CommandIo): SettleTools {
  return {
    root: rootOf(flags, io),
    backupFolder: backupFolder(flags, io),
    waitMs: positiveNumber('--wait', flags.wait) * 1_000,
    ...(flags.apiserverLog === undefined ? {} : { logFile: resolve(io.cwd, flags.apiserverLog) }),
    now: io.now,
    signal: io.stopSignal,
    say: (line) => void io.stderr.write(`· ${line}\n`),
  };
}

export function backupFolder(flags: NodeFlags, io: CommandIo): string {
  const place = flags.backup ?? distributionOf(flags).backup;
  // What belongs to no node lies beside the file that is edited; whoever edits that may write there.
  const from =
    flags.backup === undefined && !place.startsWith('/') && flags.config !== undefined
      ? dirname(resolve(io.cwd, flags.config))
      : rootOf(flags, io);
  return join(from, place);
}

/** minikube’s files lie in the home of whoever starts it. */
function rootOf({ root, distribution }: NodeFlags, io: CommandIo): string {
  const home = distribution === 'minikube' ? io.env['HOME'] : undefined;
  return resolve(io.cwd, root ?? home ?? '/');
}

function distributionOf({ distribution }: NodeFlags): NodeDistribution {
  return NODE_DISTRIBUTIONS.find(({ name }) => name === distribution) ?? STATIC_POD;
}

export async function confirm({ yes }: NodeFlags, io: CommandIo): Promise<boolean> {
  if (yes) return true;
  if (!(io.stdin as Partial<NodeJS.ReadStream>).isTTY)
    throw new Failure('USAGE', 'nobody can be asked: the standard input is no terminal', {
      hint: 'add --yes, or --dry-run to see the plan only',
    });
  const lines = createInterface({ input: io.stdin, output: io.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question('Do it? [y/N] ', { signal: io.stopSignal })).trim());
  } finally {
    lines.close();
  }
}

function printConnected(result: Connected, flags: NodeFlags, io: CommandIo): void {
  printResult(io, flags.output, result, renderConnected);
  if (result.kind === 'taken-back' || (result.kind === 'not-changed' && !flags.dryRun)) io.setExitCode(1);
}

/** Given, or measured: the busiest API server of the cluster sets the figure for all. */
async function rateOf({ rate, kubeconfig }: ConnectFlags, io: CommandIo): Promise<number> {
  if (rate !== 'measured') return positiveNumber('--rate', rate);
  if (kubeconfig === undefined) throw new Failure('USAGE', '--rate measured needs --kubeconfig', { hint: 'or give the rate: --rate 500' });
  const seen = await seeApiServers(await readHostText(resolve(io.cwd, kubeconfig)));
  const rates = seen
    .flatMap(({ counters }) => (counters.kind === 'counters' ? [averageEventRate(counters, io.now())] : []))
    .filter((each) => each !== undefined);
  if (rates.length === 0)
    throw new Failure('EVENT_RATE_INVALID', 'No API server could say how busy it is, or none has run for a minute.', {
      hint: 'Give the rate: --rate 500. k8s-audit cluster status -o json shows why.',
    });
  const measured = Math.max(1, Math.ceil(Math.max(...rates)));
  io.stderr.write(`· measured: ${measured} events a second on average, of the busiest of ${rates.length} API servers\n`);
  return measured;
}

export function positiveNumber(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new Failure('USAGE', `${flag} takes a number above 0, not "${text}"`, { hint: 'k8s-audit cluster connect --help' });
  return value;
}
