import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readPolicy } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { readHostFile, readHostText } from '@k8s-audit/host-files';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import {
  type CanaryOptions,
  type CanaryResult,
  type CanaryTools,
  canaryRequest,
  findTargets,
  runCanary,
} from '../flows/canary/run-canary.ts';
import { renderHops } from '../flows/hops/hop-table.ts';
import { addWitnessOptions, timeoutMsOf, type WitnessFlags, witnessPlaces } from '../witness-options.ts';

export interface CanaryFlags extends WitnessFlags {
  readonly kubeconfig?: string;
  readonly apiServer: readonly string[];
  readonly policy?: string;
  readonly dryRun?: true;
  readonly output: OutputFormat;
}

/** kubeadm's, on a control-plane node; used where it is and nothing else is named. */
export const USUAL_KUBECONFIG = 'etc/kubernetes/admin.conf';

const HELP = `
Examples:
  k8s-audit canary --kubeconfig admin.conf                     on the Wazuh server: every API server of the cluster
  k8s-audit canary --api-server https://10.0.0.4:6443          without a kubeconfig: the counters of the API server are then not known
  k8s-audit canary --kubeconfig admin.conf --admin http://127.0.0.1:36711 --home .k8s-audit/wazuh   beside "k8s-audit start"
  k8s-audit canary --kubeconfig admin.conf -o json | jq '.results[].hops[] | select(.state == "broken")'

The request is an attempt, without any credentials, to delete a pod that does not exist, as a dry run: it is refused, and leaves one alert (request
denied, or authentication failed). It is followed by its audit ID. What is not on this machine (the receiver, Wazuh) is reported as unseen.
Exit codes: 0 proved for every API server, 1 broken somewhere or not proved, 2 wrong usage.`;

/** `k8s-audit canary`: a harmless request to each API server, followed to Wazuh's files. */
export const registerCanary: RegisterCommand = (parent, io) => {
  const command = parent
    .command('canary')
    .description('send a harmless request to each API server and follow its event, hop by hop, to Wazuh’s files')
    .option('--kubeconfig <file>', 'ask every API server behind the service "kubernetes" (default: /etc/kubernetes/admin.conf where it is)')
    .option('--api-server <url...>', 'only these', [])
    .option('--policy <file>', 'the audit policy that they have: choose a request that it records')
    .option('--dry-run', 'say what would be sent to whom');
  addWitnessOptions(command)
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: CanaryFlags) => runCommand(flags, io));
};

async function runCommand(flags: CanaryFlags, io: CommandIo): Promise<void> {
  const options = await canaryOptions(flags, io);
  if (flags.dryRun === true) return await sayWhatWouldBeSent(options, flags, io);
  const results = await runCanary(options, canaryTools(flags, io));
  const success = results.every(({ outcome }) => outcome === 'proved');
  printResult(io, flags.output, { success, results }, (printed) => printed.results.map(renderResult).join('\n\n'));
  io.setExitCode(success ? 0 : 1);
}

export function canaryTools(flags: WitnessFlags, io: CommandIo): CanaryTools {
  const say = (line: string): void => void io.stderr.write(`· ${line}\n`);
  return { now: io.now, signal: io.stopSignal, timeoutMs: timeoutMsOf(flags), say };
}

/** @throws Failure USAGE without an API server; POLICY_REFUSED */
export async function canaryOptions(flags: Omit<CanaryFlags, 'output'>, io: CommandIo): Promise<CanaryOptions> {
  const usual = join(resolve(io.cwd, flags.root), USUAL_KUBECONFIG);
  const isUsual = flags.kubeconfig === undefined && flags.apiServer.length === 0 && existsSync(usual);
  const kubeconfig = isUsual ? usual : flags.kubeconfig && resolve(io.cwd, flags.kubeconfig);
  if (kubeconfig === undefined && flags.apiServer.length === 0)
    throw new Failure('USAGE', 'There is no API server to ask.', { hint: 'Give --kubeconfig FILE, or --api-server https://HOST:6443.' });
  for (const url of flags.apiServer)
    if (!/^https:\/\/[^/]+$/.test(url))
      throw new Failure('USAGE', `${url} is no API server.`, { hint: '--api-server https://10.0.0.4:6443' });
  const policy = flags.policy === undefined ? undefined : readPolicy(await readHostFile(resolve(io.cwd, flags.policy)));
  if (policy?.kind === 'refused')
    throw new Failure('POLICY_REFUSED', `${flags.policy} is no policy that an API server takes.`, {
      hint: `k8s-audit policy lint ${flags.policy}`,
    });
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig: await readHostText(kubeconfig) }),
    apiServers: flags.apiServer,
    ...(policy === undefined ? {} : { policy: policy.policy }),
    places: await witnessPlaces(flags, io),
  };
}

async function sayWhatWouldBeSent(options: CanaryOptions, { output }: CanaryFlags, io: CommandIo): Promise<void> {
  const { verb, path } = canaryRequest(options.policy);
  const apiServers = (await findTargets(options)).map(({ url }) => url);
  const plan = { request: `${verb} ${path}`, credentials: 'none', apiServers };
  printResult(io, output, plan, () => `Would send ${plan.request}, without credentials, to ${apiServers.join(', ')}`);
}

function renderResult({ apiServer, auditId, outcome, hops }: CanaryResult): string {
  const verdict = {
    proved: 'proved: its events arrive',
    broken: 'broken',
    unproved: 'not proved: nothing on this machine can tell that its event arrived',
  }[outcome];
  return `API server ${apiServer}, audit ID ${auditId}\n${renderHops(hops)}\n${outcome === 'broken' ? '' : `${verdict}\n`}`;
}
