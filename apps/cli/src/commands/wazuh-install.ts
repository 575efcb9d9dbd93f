import { resolve } from 'node:path';
import { PACKS, type PackName } from '@k8s-audit/detections';
import { Failure } from '@k8s-audit/failure';
import type { FileState } from '@k8s-audit/host-files';
import { inspectInstallation } from '@k8s-audit/wazuh-server';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { confirm } from '../confirmation.ts';
import { gigabytes } from '../flows/wazuh/archive/forecast.ts';
import { accessOf, addIndexerAccess, archiveOptions, type IndexerFlags } from '../flows/wazuh/archive/indexer-options.ts';
import { install, type PlannedInstallation, prepareInstall } from '../flows/wazuh/install.ts';
import { type PlannedRules, preparePackRules, prepareRemoval } from '../flows/wazuh/migration/later-steps.ts';
import { renderForecast } from '../flows/wazuh/migration/render-forecast.ts';
import { prepareTakeOver } from '../flows/wazuh/migration/take-over-guide.ts';
import { nextSteps, type TakenStep } from '../flows/wazuh/next-steps.ts';
import type { InstallOptions } from '../flows/wazuh/plan-install.ts';
import { receiverProgram } from '../flows/wazuh/receiver-program.ts';
import { addRemoteOptions, openCluster, openRemote, type RemoteFlags } from '../flows/wazuh/remote-api.ts';
import { applyRemote, planRemoteInstall } from '../flows/wazuh/remote-rules.ts';
import { renderInstalled, renderPlan, renderRemoteOutcome, renderRemotePlan } from '../flows/wazuh/render-install.ts';
import { settle } from '../flows/wazuh/settle.ts';

interface InstallFlags extends RemoteFlags, IndexerFlags {
  readonly root: string;
  readonly home: string;
  readonly host: readonly string[];
  readonly cluster: readonly string[];
  readonly pack: readonly PackName[];
  readonly idBase?: string;
  readonly archive?: 'wazuh';
  readonly program?: string;
  readonly migrate?: true;
  readonly migrateFrom: readonly string[];
  readonly migrateUntil?: string;
  readonly rules?: true;
  readonly removeGuide?: true;
  readonly restart?: true;
  readonly resume?: true;
  readonly rollback?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit wazuh install --host 10.0.0.7 --cluster prod-eu --dry-run
  k8s-audit wazuh install --host 10.0.0.7 --host wazuh.example --cluster prod-eu --yes
  k8s-audit wazuh install --host 10.0.0.7 --pack core guide
  k8s-audit wazuh install --archive wazuh --retention 365 --dry-run      how much would that be a day?
  k8s-audit wazuh install --archive wazuh --indexer https://10.0.0.9:9200 --dashboard https://10.0.0.9 --indexer-password-file pw --indexer-ca ca.pem
  k8s-audit wazuh install --migrate --cluster prod-eu --dry-run
  k8s-audit wazuh install --migrate --rules
  k8s-audit wazuh install --migrate --remove-guide
  k8s-audit wazuh install --api https://127.0.0.1:55000 --password-file pw --ca api.pem      on the master of a Wazuh cluster
  k8s-audit wazuh install --remote https://wazuh.example:55000 --password-file pw --ca api.pem --dry-run

Run it as root on the Wazuh server, or on the host of an agent (then the agent carries the events). It installs certificates, the receiver and
its service, the firewall's opening where one is active, and the rules, which are checked with all others before and read anew without a restart
from Wazuh 4.13 on (before, with --restart, or at the next restart). A probe event then goes through the manager's own logtest. Everything is
taken back when a step fails, and by: k8s-audit wazuh uninstall
--migrate takes over the hand-made set-up of the guide (custom-webhook.py): its port, its certificate and its clients, while they go on posting;
rules stay as they are. --migrate --rules then loads the pack's, after listing the alerts that will carry another rule; --migrate --remove-guide
takes out what is left of the guide. Each step is asked for, and uninstall takes back all of them.
Exit codes: 0 installed (or: the dry run is through), 1 not installed, nothing changed, 2 wrong usage.`;

/** `k8s-audit wazuh install`: the Wazuh half of the way, in one command. */
export const registerWazuhInstall: RegisterCommand = (parent, io) => {
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  const command = parent
    .command('install')
    .description('install receiver, certificates, service and rules on this Wazuh server or agent')
    .option('--root <folder>', 'a folder that holds a machine’s file system', '/')
    .option('--home <folder>', 'Wazuh’s folder on it', '/var/ossec')
    .option('--host <name-or-address>', 'what API servers dial; may be repeated', several, [])
    .option('--cluster <name>', 'a cluster to make a client certificate for; may be repeated', several, [])
    .addOption(new Option('--pack <name...>', 'which rules').choices(PACKS.map(({ name }) => name)).default(['core'], 'core'))
    .option('--id-base <id>', 'first rule id of the pack core')
    .addOption(new Option('--archive <where>', 'keep every event of every agent in Wazuh’s own archive').choices(['wazuh']))
    .option('--retention <days>', 'days that the archive is kept on disk and in the index; default: 365')
    .option('--indexer <url>', 'send index template and retention of the archive to this Wazuh indexer; else they are written to files')
    .option('--dashboard <url>', 'import index pattern and saved search of the archive into this Wazuh dashboard')
    .option('--program <path>', 'the receiver’s program; default: the one beside this command')
    .option('--migrate', 'take over the guide’s receiver: its port, its certificate, its clients')
    .option('--migrate-from <address>', 'an API server that posts without a certificate; may be repeated; default: those seen', several, [])
    .option('--migrate-until <date>', 'the last day on which they may, YYYY-MM-DD; default: in 90 days')
    .addOption(new Option('--rules', 'with --migrate, the second step: the wire event and the rules of --pack').conflicts('removeGuide'))
    .option('--remove-guide', 'with --migrate, the last step: custom-webhook.py, its unit, and Flask in Wazuh’s Python')
    .option('--restart', 'restart the manager where it cannot read rules anew (before 4.13)')
    .addOption(new Option('--resume', 'finish an installation that was interrupted').conflicts('rollback'))
    .option('--rollback', 'take back an installation that was interrupted')
    .option('--dry-run', 'show every file and command, change nothing')
    .option('--yes', 'do not ask')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: InstallFlags) => runInstall(flags, io));
  addRemoteOptions(addIndexerAccess(command));
};

async function runInstall(flags: InstallFlags, io: CommandIo): Promise<void> {
  if (flags.resume || flags.rollback) return runSettle(flags, io);
  const { remote } = flags;
  if (remote !== undefined) return runRemote({ ...flags, remote }, io);
  const access = await accessOf(flags, io);
  const options = {
    root: resolve(io.cwd, flags.root),
    ...packsOf(flags),
    hosts: flags.host,
    clusters: flags.cluster,
    ...archiveOptions(flags, wholeNumber('--retention', flags.retention ?? '365'), access),
    program: flags.program ?? receiverProgram(),
    nowMs: io.now(),
    env: io.env,
  };
  const prepared = await prepare(flags, options);
  if (flags.dryRun) return printResult(io, flags.output, summaryOf(prepared), () => renderPrepared(prepared));
  if (flags.output === 'text') io.stdout.write(`${renderPrepared(prepared)}\n`);
  if (!(await confirm(io, questionOf(prepared), flags.yes === true))) {
    io.stderr.write('Nothing was changed.\n');
    return io.setExitCode(1);
  }
  const onAction = flags.output === 'text' ? { onAction: ({ says }: { says: string }) => io.stderr.write(`${says}\n`) } : {};
  const installed = await install(prepared, {
    env: io.env,
    access,
    mayRestart: flags.restart === true,
    ...onAction,
    ...(await openCluster(flags, io)),
  });
  const next = await nextSteps(prepared, takenStep(flags));
  printResult(io, flags.output, installed, () => renderInstalled(installed, next));
}

async function prepare(flags: InstallFlags, options: InstallOptions): Promise<PlannedInstallation | PlannedRules> {
  const { migrate, rules, removeGuide, home } = flags;
  if (!migrate && (rules || removeGuide || flags.migrateFrom.length > 0 || flags.migrateUntil !== undefined))
    throw new Failure('USAGE', 'This belongs to a migration from the guide.', {
      hint: 'Say --migrate, too: k8s-audit wazuh install --help',
    });
  if (!migrate) return await prepareInstall(options, home);
  if (rules) return await preparePackRules(options, home);
  if (removeGuide) return await prepareRemoval(options, home);
  return await prepareTakeOver({ ...options, from: flags.migrateFrom, ...untilOf(flags, options.nowMs) }, home);
}

function renderPrepared(planned: PlannedInstallation | PlannedRules): string {
  return 'forecast' in planned ? `${renderPlan(planned)}\n${renderForecast(planned.forecast)}` : renderPlan(planned);
}

/** What can be done from afar: the rules. */
async function runRemote(flags: InstallFlags & { readonly remote: string }, io: CommandIo): Promise<void> {
  if (flags.migrate)
    throw new Failure('USAGE', 'A receiver is taken over on its own machine, not from afar.', {
      hint: 'Run it on the Wazuh server, without --remote.',
    });
  const api = await openRemote(flags, io);
  const plan = await planRemoteInstall(api, packsOf(flags));
  if (flags.dryRun) return printResult(io, flags.output, plan, renderRemotePlan);
  if (flags.output === 'text') io.stdout.write(renderRemotePlan(plan));
  if (!(await confirm(io, 'Install this?', flags.yes === true))) {
    io.stderr.write('Nothing was changed.\n');
    return io.setExitCode(1);
  }
  const outcome = await applyRemote(api, plan, { mayRestart: flags.restart === true, nowMs: io.now(), probes: true });
  printResult(io, flags.output, outcome, renderRemoteOutcome);
}

async function runSettle(flags: InstallFlags, io: CommandIo): Promise<void> {
  const root = resolve(io.cwd, flags.root);
  const direction = flags.resume ? 'resume' : 'rollback';
  const settled = await settle(
    await inspectInstallation(root, flags.home),
    { root, direction, mayRestart: flags.restart === true },
    { env: io.env, access: await accessOf(flags, io) },
  );
  printResult(io, flags.output, settled, () =>
    settled.kind === 'nothing-to-settle' ? 'No installation was interrupted here.' : [`${settled.kind}.`, ...settled.problems].join('\n'),
  );
}

/** Whoever says yes to an archive says it to its size. */
function questionOf({ archive }: PlannedInstallation): string {
  if (archive === undefined) return 'Install this?';
  const size =
    archive.kind === 'estimate' ? `about ${gigabytes(archive.size.diskGigabytesADay)} a day on disk` : 'a size that nobody could tell';
  return `Install this, with an archive of ${size}?`;
}

function summaryOf(planned: PlannedInstallation | PlannedRules): object {
  const { installation, plan, files, archive } = planned;
  return {
    installation,
    ...(archive === undefined ? {} : { archive }),
    ...(plan.found === undefined ? {} : { found: plan.found }),
    ...('forecast' in planned ? { forecast: planned.forecast } : {}),
    files: files.files.map(({ path, before, after }) => ({ path, action: actionOf(before, after), before, after })),
    commands: [...plan.before, ...plan.after],
    notes: plan.notes,
  };
}

function actionOf(before: FileState, after: FileState): 'create' | 'change' | 'remove' {
  if (after.kind === 'absent') return 'remove';
  return before.kind === 'absent' ? 'create' : 'change';
}

function takenStep({ migrate, rules, removeGuide, host, cluster, home }: InstallFlags): TakenStep {
  const step = rules ? 'rules' : removeGuide ? 'remove-guide' : 'take-over';
  return { migration: migrate ? step : 'none', hosts: host, clusters: cluster, home };
}

function packsOf(flags: InstallFlags): { readonly packs: readonly PackName[]; readonly idBase?: number } {
  return { packs: flags.pack, ...(flags.idBase === undefined ? {} : { idBase: wholeNumber('--id-base', flags.idBase) }) };
}

function untilOf({ migrateUntil }: InstallFlags, nowMs: number): { readonly until?: string } {
  if (migrateUntil === undefined) return {};
  if (!/^\d{4}-\d{2}-\d{2}$/.test(migrateUntil) || Number.isNaN(Date.parse(migrateUntil)))
    throw new Failure('USAGE', `--migrate-until takes a day, not ${migrateUntil}.`, { hint: 'e.g. --migrate-until 2027-03-31' });
  const today = new Date(nowMs).toISOString().slice(0, 10);
  if (migrateUntil < today)
    throw new Failure('USAGE', `--migrate-until ${migrateUntil} is over: every API server would be refused at once.`, {
      hint: `The last day on which they may post without a certificate, in UTC: ${today} or later.`,
    });
  return { until: migrateUntil };
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1)
    throw new Failure('USAGE', `${flag} takes a whole number above 0, not ${text}.`, { hint: 'k8s-audit wazuh install --help' });
  return Number(text);
}
