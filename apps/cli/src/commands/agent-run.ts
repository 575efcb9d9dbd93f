import { resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import type { CommandIo, RegisterCommand } from '../command-io.ts';
import { runReceiver } from '../flows/run-receiver.ts';

interface AgentFlags {
  readonly config?: string;
  readonly log?: string;
  readonly cluster?: string;
  readonly apiServer?: string;
  readonly spool?: string;
  readonly socket?: string;
  readonly set: readonly string[];
  readonly check?: boolean;
}

const EXAMPLES = `
Examples:
  k8s-audit agent run --log /var/log/kubernetes/audit/audit.log --cluster prod --spool /var/lib/k8s-audit-agent
  k8s-audit agent run --config /etc/k8s-audit/agent.yaml
  k8s-audit agent run --config agent.yaml --set wazuh.transport=manager --check
  zcat audit-*.log.gz | k8s-audit agent run --log - --cluster prod --spool ./spool

It needs no port and no certificates: the Wazuh agent of this host takes the events to its manager. The log file is followed through
its rotations, and read on where it was left. FILE is a receiver's configuration with other defaults:
docs/guides/follow-the-log-file.md. Flags go over it.
Exit codes: 0 stopped in order, or standard input has ended; 1 a failure; 2 wrong usage.`;

/** `k8s-audit agent run`: the receiver, told to follow a log file into the socket of a Wazuh agent. */
export const registerAgentRun: RegisterCommand = (parent, io) => {
  parent
    .command('run')
    .description('follow an API server’s audit log into the local Wazuh agent, until it is stopped')
    .option('--log <file>', 'the API server’s --audit-log-path; - reads standard input until it ends')
    .option('--cluster <name>', 'the cluster that the events are of')
    .option('--api-server <name>', 'tells the API servers of one cluster apart')
    .option('--spool <folder>', 'the durable queue: made if it is not there')
    .option('--socket <path>', 'datagram socket of the Wazuh agent (default: /var/ossec/queue/sockets/queue)')
    .option('--config <file>', 'configuration, YAML')
    .option('--set <key=value>', 'set one key of the configuration; repeatable', (value, all: readonly string[]) => [...all, value], [])
    .option('--check', 'say whether the configuration is good, and stop')
    .addHelpText('after', EXAMPLES)
    .action((flags: AgentFlags) => runAgent(flags, io));
};

async function runAgent(flags: AgentFlags, io: CommandIo): Promise<void> {
  refuseMissing(flags);
  io.setExitCode(await runReceiver(['--agent', ...receiverArguments(flags, io.cwd)], io.stopSignal));
}

/** Without a configuration the flags must tell the three things that have no default. */
function refuseMissing({ config, log, cluster, spool, set }: AgentFlags): void {
  if (config !== undefined) return;
  const isSet = (key: string): boolean => set.some((each) => each.startsWith(key));
  const needed = [
    ...(isSet('sources') ? [] : [{ flag: '--log', given: log }]),
    ...(isSet('sources') ? [] : [{ flag: '--cluster', given: cluster }]),
    ...(isSet('spool=') || isSet('spool.folder=') ? [] : [{ flag: '--spool', given: spool }]),
  ];
  const missing = needed.filter(({ given }) => given === undefined).map(({ flag }) => flag);
  if (missing.length > 0)
    throw new Failure('USAGE', `Without --config it needs ${missing.join(', ')}.`, {
      hint: 'k8s-audit agent run --log FILE --cluster NAME --spool FOLDER',
    });
}

/** The receiver checks them: what is missing or odd is named there, by its key. */
function receiverArguments({ config, log, cluster, apiServer, spool, socket, set, check }: AgentFlags, cwd: string): readonly string[] {
  const origin = { cluster, ...(apiServer === undefined ? {} : { apiServer }) };
  const settings = [
    ...(log === undefined
      ? []
      : [log === '-' ? setting('sources.stdin', origin) : setting('sources.logs', [{ path: resolve(cwd, log), ...origin }])]),
    ...(spool === undefined ? [] : [setting('spool.folder', resolve(cwd, spool))]),
    ...(socket === undefined ? [] : [setting('wazuh.socket', resolve(cwd, socket))]),
    ...set,
  ];
  return [
    ...(config === undefined ? [] : ['--config', resolve(cwd, config)]),
    ...settings.flatMap((each) => ['--set', each]),
    ...(check === true ? ['--check'] : []),
  ];
}

/** JSON is YAML. */
function setting(key: string, value: unknown): string {
  return `${key}=${JSON.stringify(value)}`;
}
