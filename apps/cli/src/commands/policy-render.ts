import { resolve } from 'node:path';
import { PROFILES, renderPolicy } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { writeFileAtomically } from '@k8s-audit/host-files';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';

interface RenderFlags {
  readonly profile: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Profiles:
${PROFILES.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join('\n')}

Examples:
  k8s-audit policy render --profile guide > audit-policy.yaml
  k8s-audit policy render --profile guide --out /etc/kubernetes/audit/policy.yaml

The API server reads its policy once, at its start: a changed policy needs a restart of the API server.
Exit codes: 0 done, 1 the file is there already or cannot be written, 2 wrong usage.`;

/** `k8s-audit policy render`: a ready-made audit policy as YAML, with the reasons as comments. */
export const registerPolicyRender: RegisterCommand = (parent, io) => {
  const names = PROFILES.map(({ name }) => name);
  parent
    .command('render')
    .description('render an audit policy from a profile')
    .addOption(new Option('--profile <name>', 'which profile').choices(names).makeOptionMandatory())
    .option('--out <file>', 'write to a file instead of printing')
    .option('--force', 'replace the file of --out')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: RenderFlags) => runRender(flags, io));
};

async function runRender({ profile: name, out, force, output }: RenderFlags, io: CommandIo): Promise<void> {
  const profile = PROFILES.find((each) => each.name === name);
  if (profile === undefined) throw new Failure('USAGE', `there is no profile ${name}`, { hint: 'k8s-audit policy render --help' });
  const yaml = renderPolicy(profile.policy, profile.comments);
  if (out === undefined) return printResult(io, output, { profile: name, policy: profile.policy, yaml }, (result) => result.yaml);
  const file = resolve(io.cwd, out);
  await writeFileAtomically(file, yaml, { mode: 0o644, existing: force ? 'replace' : 'refuse' });
  printResult(io, output, { profile: name, file }, () => `${file} written; name it with --audit-policy-file`);
}
