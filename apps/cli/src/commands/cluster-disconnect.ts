import { type CommandIo, printResult, type RegisterCommand } from '../command-io.ts';
import { renderTakenBack, renderUndone, renderUndoPlan } from '../flows/cluster/connect-text.ts';
import { disconnectCluster } from '../flows/cluster/disconnect-cluster.ts';
import { backupFolder, confirm, type NodeFlags, nodeOptions, settleInterrupted, settleTools } from './cluster-connect.ts';

const HELP = `
Examples:
  k8s-audit cluster disconnect prod-eu --dry-run     what would become of each file
  k8s-audit cluster disconnect prod-eu               on each control-plane node, one after the other
  k8s-audit cluster disconnect --resume              go on after an interruption; or --rollback

A file that nobody has touched since gets its very bytes, owner and mode from before "cluster connect". From one that was edited since, only
our own parts are taken out; each is named, and so is what is left. The receiver keeps what it has.
Exit codes: 0 disconnected (or a dry run), 1 not connected, refused or put back, 2 wrong usage.`;

/** `k8s-audit cluster disconnect`: what `connect` did to this node is taken back. */
export const registerClusterDisconnect: RegisterCommand = (parent, io) => {
  nodeOptions(
    parent
      .command('disconnect')
      .description('take back what "cluster connect" did to this node')
      .argument('[cluster]', 'which, as a check'),
  )
    .addHelpText('after', HELP)
    .action((cluster: string | undefined, flags: NodeFlags) => runDisconnect(cluster, flags, io));
};

async function runDisconnect(cluster: string | undefined, flags: NodeFlags, io: CommandIo): Promise<void> {
  if (await settleInterrupted(flags, io)) return;
  const result = await disconnectCluster(cluster, flags.dryRun ?? false, {
    ...settleTools(flags, io),
    confirm: () => confirm(flags, io),
    onUndo: ({ changes, paths }) => {
      const secrets = new Set(paths.map(({ path }) => path).filter((path) => path.endsWith('.key')));
      const text = renderUndoPlan(changes, paths, secrets, {
        colour: io.isTerminal && !io.env['NO_COLOR'],
        backupFolder: backupFolder(flags, io),
      });
      (flags.output === 'json' ? io.stderr : io.stdout).write(`${text}\n`);
    },
  });
  printResult(io, flags.output, result, (each) => {
    if (each.kind === 'not-changed') return 'Nothing was changed.';
    return each.kind === 'taken-back' ? renderTakenBack(each) : `Disconnected.\n${renderUndone(each.paths)}`;
  });
  if (result.kind === 'taken-back' || (result.kind === 'not-changed' && !flags.dryRun)) io.setExitCode(1);
}
