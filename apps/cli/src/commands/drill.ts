import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';
import type { Command } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import type { Drill } from '../flows/drill/drill.ts';
import { DRILLS, WITHOUT_DRILL } from '../flows/drill/drills/index.ts';
import { type DrillResult, runDrills } from '../flows/drill/run-drills.ts';
import { renderHops } from '../flows/hops/hop-table.ts';
import { renderTable } from '../text-table.ts';
import { addWitnessOptions, timeoutMsOf, type WitnessFlags, witnessPlaces } from '../witness-options.ts';
import { USUAL_KUBECONFIG } from './canary.ts';

interface DrillFlags extends WitnessFlags {
  readonly kubeconfig?: string;
  readonly dryRun?: true;
  readonly output: OutputFormat;
}

const PAGE = 'docs/reference/drills.md';

const HELP = `
Examples:
  k8s-audit drill run exec-into-pod --kubeconfig admin.conf --dry-run   what it would do
  k8s-audit drill run exec-into-pod --kubeconfig admin.conf             on the Wazuh server: does it, and shows the alert, hop by hop
  k8s-audit drill all --kubeconfig admin.conf -o json                   the acceptance test of a new set-up

Everything is done in a namespace of its own, which is taken away at the end, also after Ctrl-C or a failure. One that was left behind by a machine
that went down: kubectl delete namespace -l app.kubernetes.io/managed-by=k8s-audit-drill
Exit codes: 0 every drill gave its alert, 1 one did not (or none could be seen), 2 wrong usage.`;

/** `k8s-audit drill list`: what there is, and what there cannot be. */
export const registerDrillList: RegisterCommand = (parent, io) => {
  parent
    .command('list')
    .description('print every drill with what it does, and the detections that have none, with the reason')
    .addOption(outputOption())
    .action(({ output }: { readonly output: OutputFormat }) => {
      const drills = DRILLS.map(({ detection, steps }) => ({ drill: detection, steps }));
      printResult(io, output, { drills, without: WITHOUT_DRILL }, () =>
        [
          renderTable(
            ['DRILL', 'WHAT IT DOES'],
            drills.map(({ drill, steps }) => [drill, steps.join('; ')]),
          ),
          ...Object.entries(WITHOUT_DRILL).map(([detection, reason]) => `No drill for ${detection}: ${reason}.`),
        ].join('\n'),
      );
    });
};

/** `k8s-audit drill run`: harmless deeds on a cluster, each followed to its alert. */
export const registerDrillRun: RegisterCommand = (parent, io) => {
  const command = parent
    .command('run')
    .description('do something harmless in a throw-away namespace and follow its event to the alert')
    .argument('<drill...>', `${DRILLS.map(({ detection }) => detection).join(', ')}`);
  addDrillOptions(command).action((names: readonly string[], flags: DrillFlags) => run(chosen(names), flags, io));
};

/** `k8s-audit drill all`: the acceptance test of a new set-up. */
export const registerDrillAll: RegisterCommand = (parent, io) => {
  const command = parent.command('all').description('every drill: the acceptance test of a new set-up');
  addDrillOptions(command).action((flags: DrillFlags) => run(DRILLS, flags, io));
};

function addDrillOptions(command: Command): Command {
  command
    .option('--kubeconfig <file>', 'whose user does it (default: /etc/kubernetes/admin.conf where it is)')
    .option('--dry-run', 'say what would be done');
  return addWitnessOptions(command).addOption(outputOption()).addHelpText('after', HELP);
}

function chosen(names: readonly string[]): readonly Drill[] {
  const unknown = names.filter((name) => !DRILLS.some(({ detection }) => detection === name));
  if (unknown.length > 0) {
    const reason = WITHOUT_DRILL[unknown[0] ?? ''];
    throw new Failure('USAGE', `There is no drill ${unknown.join(', ')}${reason === undefined ? '' : `: ${reason}`}.`, {
      hint: `k8s-audit drill list, or ${PAGE}`,
    });
  }
  return DRILLS.filter(({ detection }) => names.includes(detection));
}

async function run(drills: readonly Drill[], flags: DrillFlags, io: CommandIo): Promise<void> {
  const usual = join(resolve(io.cwd, flags.root), USUAL_KUBECONFIG);
  const kubeconfig = flags.kubeconfig === undefined ? (existsSync(usual) ? usual : undefined) : resolve(io.cwd, flags.kubeconfig);
  if (kubeconfig === undefined) throw new Failure('USAGE', 'There is no cluster to do it on.', { hint: 'Give --kubeconfig FILE.' });
  const text = await readHostText(kubeconfig);
  if (flags.dryRun === true) {
    const plan = drills.map(({ detection, steps }) => ({ drill: detection, steps }));
    return printResult(io, flags.output, { kubeconfig, namespace: 'k8s-audit-drill-…', drills: plan }, () => renderPlan(plan, kubeconfig));
  }
  const say = (line: string): void => void io.stderr.write(`· ${line}\n`);
  const places = await witnessPlaces(flags, io);
  const tools = { now: io.now, signal: io.stopSignal, timeoutMs: timeoutMsOf(flags), say };
  const results = await runDrills({ drills, kubeconfig: text, places }, tools);
  const success = results.every(({ outcome }) => outcome === 'alerted');
  printResult(io, flags.output, { success, results }, () => renderResults(results));
  io.setExitCode(success ? 0 : 1);
}

function renderPlan(plan: readonly { readonly drill: string; readonly steps: readonly string[] }[], kubeconfig: string): string {
  const steps = plan.flatMap((each) => each.steps.map((step) => `  ${each.drill}: ${step}`));
  return [`Would do, on the cluster of ${kubeconfig}:`, '  make a namespace k8s-audit-drill-…', ...steps, '  take the namespace away'].join(
    '\n',
  );
}

/** One drill in full; several as a table, and in full only what did not go well. */
function renderResults(results: readonly DrillResult[]): string {
  const shown = results.length === 1 ? results : results.filter(({ outcome, hops }) => outcome !== 'alerted' && hops.length > 0);
  const rows = results.map(({ drill, outcome, status, alert, latencyMs, reason }) => [
    drill,
    outcome,
    status === undefined ? '-' : String(status),
    alert === undefined ? '-' : `${alert.id} (level ${alert.level})`,
    latencyMs === undefined ? '-' : `${latencyMs} ms`,
    reason ?? alert?.description ?? '',
  ]);
  const alerted = results.filter(({ outcome }) => outcome === 'alerted').length;
  return [
    ...shown.map(({ drill, auditId, hops }) => `${drill}, audit ID ${auditId}\n${renderHops(hops)}\n`),
    renderTable(['DRILL', 'OUTCOME', 'ANSWER', 'RULE', 'LATENCY', 'ALERT OR REASON'], rows),
    `${alerted} of ${results.length} drills gave their alert`,
  ].join('\n');
}
