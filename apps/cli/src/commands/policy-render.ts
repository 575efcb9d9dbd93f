import { resolve } from 'node:path';
import { makeProfile, PROFILES, renderPolicy } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { writeFileAtomically } from '@k8s-audit/host-files';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { describeLosses } from '../flows/detection-coverage.ts';
import { kubernetesVersion } from '../flows/load-policy.ts';
import { type AdjustmentFlags, readAdjustments } from '../flows/policy-adjustments.ts';

interface RenderFlags extends AdjustmentFlags {
  readonly profile: string;
  readonly kubernetesVersion?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Profiles:
${PROFILES.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n')}

--include-… records more than the profile does, at LEVEL (Metadata, Request or RequestResponse; Request without it). --exclude-… records nothing of
it; what is excluded and included both is recorded. Bodies of credentials are never recorded, failed authentication always is (but for paths that
the profile guide leaves out). Each may be repeated.
A resource is named as kubectl does: pods, pods/exec, deployments.apps, deployments.apps/scale, pods/* (pods and all below them).

Examples:
  k8s-audit policy render --profile recommended > audit-policy.yaml
  k8s-audit policy render --profile recommended --kubernetes-version 1.36 --out /etc/kubernetes/audit/policy.yaml
  k8s-audit policy render --profile minimal --include-namespace prod --include-resource roles.rbac.authorization.k8s.io=RequestResponse
  k8s-audit policy render --profile recommended --exclude-user system:serviceaccount:ci:scanner --exclude-resource endpoints

The API server reads its policy once, at its start: a changed policy needs a restart of the API server.
Exit codes: 0 done, 1 the file is there already or cannot be written, 2 wrong usage.`;

/** `k8s-audit policy render`: a ready-made audit policy as YAML, with the reasons as comments. */
export const registerPolicyRender: RegisterCommand = (parent, io) => {
  const names = PROFILES.map(({ name }) => name);
  const repeated = (value: string, before: readonly string[]): readonly string[] => [...before, value];
  parent
    .command('render')
    .description('render an audit policy from a profile')
    .addOption(new Option('--profile <name>', 'which profile').choices(names).makeOptionMandatory())
    .option('--include-namespace <name[=level]>', 'record more of a namespace', repeated, [])
    .option('--include-resource <resource[=level]>', 'record more of a resource', repeated, [])
    .option('--include-user <name[=level]>', 'record more of a user', repeated, [])
    .option('--exclude-namespace <name>', 'record nothing of a namespace', repeated, [])
    .option('--exclude-resource <resource>', 'record nothing of a resource', repeated, [])
    .option('--exclude-user <name>', 'record nothing of a user', repeated, [])
    .option('--kubernetes-version <version>', 'of the API server: 1.36 can say "any group"; without it every version loads the policy')
    .option('--out <file>', 'write to a file instead of printing')
    .option('--force', 'replace the file of --out')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: RenderFlags) => runRender(flags, io));
};

async function runRender(flags: RenderFlags, io: CommandIo): Promise<void> {
  const { profile: name, out, force, output } = flags;
  const profile = PROFILES.find((each) => each.name === name);
  if (profile === undefined) throw new Failure('USAGE', `there is no profile ${name}`, { hint: 'k8s-audit policy render --help' });
  const adjustments = readAdjustments(flags);
  const version = kubernetesVersion(flags.kubernetesVersion);
  const { policy, comments } = makeProfile(profile, adjustments, version);
  // An exclusion is quickly written; what it hides should be known before the API server runs it.
  for (const loss of describeLosses(makeProfile(profile, undefined, version).policy, policy)) io.stderr.write(`${loss}\n`);
  const yaml = renderPolicy(policy, comments);
  if (out === undefined) return printResult(io, output, { profile: name, policy, yaml }, (result) => result.yaml);
  const file = resolve(io.cwd, out);
  await writeFileAtomically(file, yaml, { mode: 0o644, existing: force ? 'replace' : 'refuse' });
  printResult(io, output, { profile: name, file }, () => `${file} written; name it with --audit-policy-file`);
}
