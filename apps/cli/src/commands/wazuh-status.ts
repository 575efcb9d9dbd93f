import { resolve } from 'node:path';
import { inspectInstallation } from '@k8s-audit/wazuh-server';
import { type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type WazuhStatus, wazuhStatus } from '../flows/wazuh/wazuh-status.ts';

const HELP = `
Examples:
  k8s-audit wazuh status
  k8s-audit wazuh status -o json | jq .probe

A probe event goes through the manager's own logtest: does a created deployment raise an alert with the rules that are there now?
Exit codes: 0 installed and an alert is raised, 1 not installed, changed since, interrupted, or no alert, 2 wrong usage.`;

/** `k8s-audit wazuh status`: what is installed here, and whether it still works. */
export const registerWazuhStatus: RegisterCommand = (parent, io) => {
  parent
    .command('status')
    .description('what is installed here, whether it still is, and whether it raises alerts')
    .option('--root <folder>', 'a folder that holds a machine’s file system', '/')
    .option('--home <folder>', 'Wazuh’s folder on it', '/var/ossec')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (flags: { readonly root: string; readonly home: string; readonly output: OutputFormat }) => {
      const root = resolve(io.cwd, flags.root);
      const status = await wazuhStatus(await inspectInstallation(root, flags.home), root, io.now());
      printResult(io, flags.output, status, renderStatus);
      io.setExitCode(isWell(status) ? 0 : 1);
    });
};

function isWell({ installed, interrupted, files, probe, type, node }: WazuhStatus): boolean {
  const hasRules = type === 'manager' && node !== 'worker';
  return (
    installed.length > 0 &&
    interrupted === undefined &&
    files.every(({ is }) => is === 'as installed') &&
    (!hasRules || probe.kind === 'alert')
  );
}

function renderStatus({ home, version, type, node, installed, interrupted, files, daemon, probe }: WazuhStatus): string {
  const changed = files.filter(({ is }) => is !== 'as installed');
  return [
    `Wazuh ${version} (${type}${node === 'single' ? '' : `, ${node} of a cluster`}) in ${home}`,
    installed.length === 0
      ? 'not installed: k8s-audit wazuh install --dry-run'
      : `installed: ${installed.map(({ title, at }) => `${title}, ${at}`).join('; ')}`,
    ...(interrupted === undefined
      ? []
      : [`INTERRUPTED: "${interrupted.title}" (${interrupted.state}): finish it with --resume or --rollback`]),
    `files: ${files.length - changed.length} as installed${changed.map(({ path, is }) => `\n  ${is}: ${path}`).join('')}`,
    daemon.kind === 'running'
      ? `wazuh-analysisd: ${daemon.received} events received, ${daemon.dropped} dropped since its start`
      : `wazuh-analysisd: does not answer (${daemon.reason})`,
    probe.kind === 'alert'
      ? `probe: a created deployment raises rule ${probe.rule}`
      : `probe: ${probe.kind === 'no-alert' ? `NO ALERT (rule ${probe.rule ?? 'none'} takes it)` : `cannot be asked (${probe.reason})`}`,
  ].join('\n');
}
