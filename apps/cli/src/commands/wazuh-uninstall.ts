import { resolve } from 'node:path';
import { inspectInstallation } from '@k8s-audit/wazuh-server';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { confirm } from '../confirmation.ts';
import { accessOf, addIndexerAccess, type IndexerFlags } from '../flows/wazuh/archive/indexer-options.ts';
import { addRemoteOptions, openCluster, openRemote, type RemoteFlags } from '../flows/wazuh/remote-api.ts';
import { applyRemote, planRemoteUninstall } from '../flows/wazuh/remote-rules.ts';
import { renderRemoteOutcome, renderRemotePlan, renderUninstalled } from '../flows/wazuh/render-install.ts';
import { uninstall } from '../flows/wazuh/uninstall.ts';

interface UninstallFlags extends RemoteFlags, Omit<IndexerFlags, 'indexer' | 'dashboard'> {
  readonly root: string;
  readonly home: string;
  readonly restart?: true;
  readonly leaveIndexer?: true;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit wazuh uninstall --dry-run
  k8s-audit wazuh uninstall --yes

Every file gets back the bytes from before where nobody else has changed it since, else it loses only our own lines, and each is named.
What an indexer or a dashboard was given is taken back there too, with the password of --indexer-password-file or WAZUH_INDEXER_PASSWORD.
The spool stays: it may hold events that Wazuh has not taken yet (/var/lib/k8s-audit/spool).
Exit codes: 0 taken back (or: nothing was installed), 1 something could not be taken back; it is named, 2 wrong usage.`;

/** `k8s-audit wazuh uninstall`: what `install` did, taken back. */
export const registerWazuhUninstall: RegisterCommand = (parent, io) => {
  const command = parent
    .command('uninstall')
    .description('take back everything that was installed, and nothing else')
    .option('--root <folder>', 'a folder that holds a machine’s file system', '/')
    .option('--home <folder>', 'Wazuh’s folder on it', '/var/ossec')
    .option('--restart', 'restart the manager where it cannot read rules anew (before 4.13)')
    .option('--leave-indexer', 'leave what the indexer and the dashboard were given: they are gone, or others use it')
    .option('--dry-run', 'show what would be taken back')
    .option('--yes', 'do not ask')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: UninstallFlags) => runUninstall(flags, io));
  addRemoteOptions(addIndexerAccess(command));
};

async function runUninstall(flags: UninstallFlags, io: CommandIo): Promise<void> {
  const { remote } = flags;
  if (remote !== undefined) return runRemote({ ...flags, remote }, io);
  const root = resolve(io.cwd, flags.root);
  const installation = await inspectInstallation(root, flags.home);
  const tools = { env: io.env, access: await accessOf(flags, io), ...(await openCluster(flags, io)) };
  const run = (dryRun: boolean): ReturnType<typeof uninstall> =>
    uninstall(
      installation,
      { root, dryRun, mayRestart: flags.restart === true, leavesServers: flags.leaveIndexer === true, nowMs: io.now() },
      tools,
    );
  const planned = await run(true);
  if (planned === undefined) return printResult(io, flags.output, { installed: false }, () => 'Nothing was installed here.');
  if (flags.dryRun) return printResult(io, flags.output, planned, () => renderUninstalled(planned, true));
  if (flags.output === 'text') io.stdout.write(renderUninstalled(planned, true));
  if (!(await confirm(io, 'Take this back?', flags.yes === true))) {
    io.stderr.write('Nothing was changed.\n');
    return io.setExitCode(1);
  }
  const done = (await run(false)) ?? planned;
  printResult(io, flags.output, done, () => renderUninstalled(done, false));
  if (done.problems.length > 0) io.setExitCode(1);
}

async function runRemote(flags: UninstallFlags & { readonly remote: string }, io: CommandIo): Promise<void> {
  const api = await openRemote(flags, io);
  const plan = await planRemoteUninstall(api);
  if (flags.dryRun || plan.files.length === 0) return printResult(io, flags.output, plan, renderRemotePlan);
  if (flags.output === 'text') io.stdout.write(renderRemotePlan(plan));
  if (!(await confirm(io, 'Take these out?', flags.yes === true))) {
    io.stderr.write('Nothing was changed.\n');
    return io.setExitCode(1);
  }
  const outcome = await applyRemote(api, plan, { mayRestart: flags.restart === true, nowMs: io.now(), probes: false });
  printResult(io, flags.output, outcome, renderRemoteOutcome);
}
