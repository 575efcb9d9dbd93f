import { resolve } from 'node:path';
import { renderSimulationSvg } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { writeFileAtomically } from '@k8s-audit/host-files';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { kubernetesVersion, type LoadedPolicy, loadPolicy } from '../flows/load-policy.ts';
import { type SimulationProgress, simulatePolicy } from '../flows/simulate-policy.ts';
import { renderSimulation } from '../flows/simulation-text.ts';
import { addPolicyOptions, type PolicyFlags, policyReference } from '../policy-option.ts';

interface SimulateFlags extends PolicyFlags {
  readonly events: readonly string[];
  readonly against?: string;
  readonly top: string;
  readonly svg?: string;
  readonly kubernetesVersion?: string;
  readonly output: OutputFormat;
}

const HELP = `
A recording holds EventLists or audit events, one a line: the API server's --audit-log-path file, what a webhook was posted, an export.
One document over several lines is read too. gzip is unpacked. Memory does not grow with the recording.

Record with a policy that keeps everything you want to compare: what was not recorded cannot be simulated.

Examples:
  k8s-audit policy simulate policy.yaml --events /var/log/kubernetes/audit.log
  k8s-audit policy simulate new.yaml --events audit-*.log.gz --against old.yaml
  k8s-audit policy simulate --profile recommended --events - --against profile:guide --svg kept.svg < audit.log

What is no event is counted and passed over. Of a recording that ends early (a gzip file still being written) what can be read counts, and 1 is the answer.
Exit codes: 0 done, 1 a policy is refused, a recording cannot be read, ends early or holds no event, 2 wrong usage.`;

/** `k8s-audit policy simulate`: what a policy would keep of recorded traffic, and how it differs from another. */
export const registerPolicySimulate: RegisterCommand = (parent, io) => {
  addPolicyOptions(parent.command('simulate').description('say what an audit policy would keep of recorded traffic'))
    .requiredOption('--events <file...>', 'recordings; - for the standard input')
    .option('--against <policy>', 'another policy to compare with')
    .option('--top <rows>', 'rows of each table', '10')
    .option('--svg <file>', 'draw a picture for a report')
    .option('--kubernetes-version <version>', 'whose rules hold; the newest without it')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((argument: string | undefined, flags: SimulateFlags) => runSimulate(policyReference(argument, flags), flags, io));
};

async function runSimulate(reference: string, flags: SimulateFlags, io: CommandIo): Promise<void> {
  if ([reference, flags.against, ...flags.events].filter((input) => input === '-').length > 1)
    throw new Failure('USAGE', 'the standard input can be read once only', { hint: 'give files for the others' });
  const top = rows(flags.top);
  const version = kubernetesVersion(flags.kubernetesVersion);
  const policy = await loadPolicy(reference, io, version);
  const against = flags.against === undefined ? undefined : await loadPolicy(flags.against, io, version);
  for (const warning of [policy, against].flatMap((loaded: LoadedPolicy | undefined) => loaded?.warnings ?? []))
    io.stderr.write(`${warning}\n`);
  const files = flags.events.map((file) => (file === '-' ? file : resolve(io.cwd, file)));
  const onProgress = isTerminal(io.stderr) ? progressLine(io) : undefined;
  const run = await simulatePolicy(policy, against, files, {
    top,
    stdin: io.stdin,
    signal: io.stopSignal,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  if (onProgress !== undefined) io.stderr.write('\r\x1b[K');
  const [cut] = run.cut;
  if (run.events === 0 && cut !== undefined)
    throw new Failure('FILE_UNREADABLE', `cannot read ${cut.file}: ${cut.reason}`, { hint: 'check that the file is whole' });
  if (run.events === 0)
    throw new Failure('RECORDING_EMPTY', `${files.join(', ')}: no audit event in it`, { hint: 'k8s-audit policy simulate --help' });
  if (flags.svg !== undefined)
    await writeFileAtomically(resolve(io.cwd, flags.svg), renderSimulationSvg(run), { mode: 0o644, existing: 'replace' });
  printResult(io, flags.output, run, renderSimulation);
  if (run.cut.length > 0) io.setExitCode(1);
}

/** The progress goes where no result does: a terminal there shows it also while the result goes into a file. */
function isTerminal(stream: { readonly isTTY?: boolean } | NodeJS.WritableStream): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** Ten times a second is enough for a person. */
function progressLine(io: CommandIo): (progress: SimulationProgress) => void {
  let shownAt = 0;
  return ({ events, readBytes, totalBytes }) => {
    if (io.now() - shownAt < 100) return;
    shownAt = io.now();
    const share = totalBytes > 0 ? `, ${Math.min(100, Math.floor((100 * readBytes) / totalBytes))} %` : '';
    io.stderr.write(`\r${events} events${share}\x1b[K`);
  };
}

function rows(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1_000)
    throw new Failure('USAGE', `--top takes a number from 1 to 1000, not ${text}`, { hint: 'k8s-audit policy simulate --help' });
  return value;
}
