import { PROFILES } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { coverageMatrix, renderCoverage } from '../flows/detection-coverage.ts';
import { kubernetesVersion, type LoadedPolicy, loadPolicy } from '../flows/load-policy.ts';

interface CoverageFlags {
  readonly policy: readonly string[];
  readonly profile: readonly string[];
  readonly kubernetesVersion?: string;
  readonly output: OutputFormat;
}

const HELP = `
full: every request that the detection has to see is recorded as it needs it. partly: some are; BLIND: none is, the alert can never come.
Without a policy all profiles are compared. With one, what is missing is shown, with the rule that leaves it out.

Examples:
  k8s-audit coverage
  k8s-audit coverage --policy /etc/kubernetes/audit/policy.yaml
  k8s-audit coverage --policy old.yaml --policy new.yaml --profile recommended -o json

Exit codes: 0 no detection is blind (or several policies are compared), 1 some detection can never fire under the policy, or it is refused, 2 wrong usage.`;

/** `k8s-audit coverage`: detections against policies. */
export const registerCoverage: RegisterCommand = (parent, io) => {
  const repeated = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  const names = PROFILES.map(({ name }) => name);
  const oneOf = (value: string, before: readonly string[]): readonly string[] => {
    if (!names.includes(value)) throw new Failure('USAGE', `there is no profile ${value}`, { hint: `profiles are ${names.join(', ')}` });
    return [...before, value];
  };
  parent
    .command('coverage')
    .description('say which detections an audit policy lets see, and which it blinds')
    .option('--policy <file>', 'a policy file, - for the standard input; may be repeated', repeated, [])
    .addOption(
      new Option('--profile <name>', `a ready-made policy (${names.join(', ')}); may be repeated`).argParser(oneOf).default([], 'all'),
    )
    .option('--kubernetes-version <version>', 'whose rules hold; the newest without it')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: CoverageFlags) => runCoverage(flags, io));
};

async function runCoverage(flags: CoverageFlags, io: CommandIo): Promise<void> {
  if (flags.policy.filter((file) => file === '-').length > 1)
    throw new Failure('USAGE', 'the standard input can be read once only', { hint: 'give files for the others' });
  const version = kubernetesVersion(flags.kubernetesVersion);
  const named = [...flags.policy, ...flags.profile.map((name) => `profile:${name}`)];
  const policies: LoadedPolicy[] = [];
  for (const reference of named.length > 0 ? named : PROFILES.map(({ name }) => `profile:${name}`))
    policies.push(await loadPolicy(reference, io, version));
  for (const warning of policies.flatMap(({ warnings }) => warnings)) io.stderr.write(`${warning}\n`);
  const matrix = coverageMatrix(policies);
  printResult(io, flags.output, matrix, (result) => renderCoverage(result, policies));
  if (policies.length === 1 && matrix.detections.some(({ coverage }) => coverage[0]?.kind === 'blind')) io.setExitCode(1);
}
