import { comparePolicies } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { renderDifference } from '../flows/difference-text.ts';
import { kubernetesVersion, loadPolicy } from '../flows/load-policy.ts';

interface DiffFlags {
  readonly parts: string;
  readonly kubernetesVersion?: string;
  readonly output: OutputFormat;
}

const HELP = `
Of requests, not of lines: a rule that moves without a consequence is no difference. What the same two rules decide is shown together, with what
it loses or gains (level, stages, managedFields) and one request to try with policy explain. "Not every combination" says that other rules take some
out of what is written; the parts that JSON lists are exact: every request that changes is in one of them, and no other is.
Two policies are compared whatever they hold; only where thousands of rules cross each other in every way is the answer that they are too large.

Examples:
  k8s-audit policy diff old.yaml new.yaml
  k8s-audit policy diff /etc/kubernetes/audit/policy.yaml profile:recommended
  k8s-audit policy diff profile:guide profile:recommended -o json

Exit codes, as diff has them: 0 no difference, 1 some, or a policy is refused or too large, 2 wrong usage.`;

/** `k8s-audit policy diff`: which requests change when one policy replaces another. */
export const registerPolicyDiff: RegisterCommand = (parent, io) => {
  parent
    .command('diff')
    .description('say which requests two audit policies record differently')
    .argument('<before>', 'a policy file, - for the standard input, or profile:NAME')
    .argument('<after>', 'the one that would replace it')
    .option('--parts <number>', 'in JSON, list at most so many exact parts of each change; all are counted', '20')
    .option('--kubernetes-version <version>', 'whose rules hold; the newest without it')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((before: string, after: string, flags: DiffFlags) => runDiff(before, after, flags, io));
};

async function runDiff(beforeReference: string, afterReference: string, flags: DiffFlags, io: CommandIo): Promise<void> {
  if (beforeReference === '-' && afterReference === '-')
    throw new Failure('USAGE', 'the standard input can be read once only', { hint: 'give a file for the other' });
  const parts = Number(flags.parts);
  if (!Number.isInteger(parts) || parts < 1 || parts > 100_000)
    throw new Failure('USAGE', `--parts takes a number from 1 to 100000, not ${flags.parts}`, { hint: 'k8s-audit policy diff --help' });
  const version = kubernetesVersion(flags.kubernetesVersion);
  const before = await loadPolicy(beforeReference, io, version);
  const after = await loadPolicy(afterReference, io, version);
  for (const warning of [...before.warnings, ...after.warnings]) io.stderr.write(`${warning}\n`);
  const difference = comparePolicies(before.policy, after.policy, parts);
  if (difference.kind === 'too-large')
    throw new Failure('POLICY_TOO_LARGE', `${before.name} and ${after.name} name too many things together to be compared exactly`, {
      hint: 'compare them by recorded traffic: k8s-audit policy simulate NEW --against OLD --events FILE',
    });
  const result = { before: before.name, after: after.name, changes: difference.changes };
  printResult(io, flags.output, result, (compared) => renderDifference(compared, before, after));
  if (difference.changes.length > 0) io.setExitCode(1);
}
