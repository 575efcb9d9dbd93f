import { resolve } from 'node:path';
import type { EmbeddedEvent } from '@k8s-audit/embedded-wazuh';
import { InvalidArgumentError, Option } from 'commander';
import type { CommandIo, RegisterCommand } from '../command-io.ts';
import { runEmbedded } from '../flows/embedded-run.ts';

interface RunFlags {
  readonly home: string;
  readonly socket?: string;
  readonly rules?: readonly string[];
  readonly alerts?: string;
  /** False: `--no-archives`. */
  readonly archives: string | boolean;
  readonly alertLevel: number;
  readonly rotate: 'daily' | 'never';
  readonly managerName?: string;
}

const HELP = `
Examples:
  k8s-audit embedded run --home ./wazuh
  k8s-audit embedded run --home ./wazuh --rules k8s_audit_rules.xml --no-archives
  tail -f ./wazuh/logs/alerts/alerts.json

The home is laid out as /var/ossec: etc/rules/*.xml, etc/lists/*, queue/sockets/queue, queue/sockets/analysis, queue/sockets/logtest,
logs/alerts/alerts.json, logs/archives/archives.json. Tools made for a Wazuh server (wazuh-logtest, getstats, reload-ruleset) work on its
sockets. It prints one JSON line an event: ready, rules-loaded, cannot-write, undecided, stopped.
Exit codes: 0 stopped in order, 1 it could not start or go on, 2 wrong usage.`;

/** `k8s-audit embedded run`: a stand-in for wazuh-analysisd, until it is stopped. */
export const registerEmbeddedRun: RegisterCommand = (parent, io) => {
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  parent
    .command('run')
    .description('take messages as wazuh-analysisd does and write its alerts.json and archives.json')
    .requiredOption('--home <folder>', 'a folder laid out as /var/ossec; what is missing is made')
    .option('--socket <path>', 'the queue socket, instead of queue/sockets/queue in the home')
    .option('--rules <file>', "rule file instead of the home's etc/rules and ruleset/rules; may be repeated", several)
    .option('--alerts <file>', 'instead of logs/alerts/alerts.json in the home')
    .option('--archives <file>', 'instead of logs/archives/archives.json in the home', true)
    .option('--no-archives', 'write alerts only, as logall_json no')
    .addOption(new Option('--alert-level <level>', 'the level from which on a rule alerts').default(3).argParser(parseLevel))
    .addOption(
      new Option('--rotate <when>', 'where old days go: YYYY/Mon/ossec-alerts-DD.json').choices(['daily', 'never']).default('never'),
    )
    .option('--manager-name <name>', "the manager's name in alerts (default: this host's)")
    .addHelpText('after', HELP)
    .action((flags: RunFlags) => run(flags, io));
};

async function run(flags: RunFlags, io: CommandIo): Promise<void> {
  const at = (path: string): string => resolve(io.cwd, path);
  const say = (event: string, fields: object): void => {
    io.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
  };
  const statistics = await runEmbedded({
    homeFolder: at(flags.home),
    ...(flags.socket === undefined ? {} : { socketPath: at(flags.socket) }),
    ...(flags.rules === undefined ? {} : { ruleFiles: flags.rules.map(at) }),
    ...(flags.alerts === undefined ? {} : { alertsFile: at(flags.alerts) }),
    ...(typeof flags.archives === 'string' ? { archivesFile: at(flags.archives) } : flags.archives ? {} : { archivesFile: false }),
    ...(flags.managerName === undefined ? {} : { managerName: flags.managerName }),
    alertLevel: flags.alertLevel,
    rotation: flags.rotate,
    stopSignal: io.stopSignal,
    onReady: (ready) => say('ready', ready),
    onEvent: (event) => say(event.kind, fieldsOf(event)),
  });
  say('stopped', statistics);
}

/** A problem of a rule as one line; the rest of it is what `rules check` is for. */
function fieldsOf({ kind, ...fields }: EmbeddedEvent): object {
  if (kind !== 'rules-loaded' && kind !== 'rules-refused') return fields;
  const { problems, ...rest } = fields as Extract<EmbeddedEvent, { kind: 'rules-loaded' }>;
  return {
    ...rest,
    problems: problems.map(({ file, line, column, severity, message }) => `${file}:${line}:${column}: ${severity}: ${message}`),
  };
}

function parseLevel(text: string): number {
  const level = Number(text);
  if (!/^\d+$/.test(text) || level < 1 || level > 16) throw new InvalidArgumentError('A level is a number from 1 to 16.');
  return level;
}
