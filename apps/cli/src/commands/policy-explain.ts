import { Failure } from '@k8s-audit/failure';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { explainRequest } from '../flows/explain-request.ts';
import { renderAnswer } from '../flows/explanation-text.ts';
import { kubernetesVersion, loadPolicy } from '../flows/load-policy.ts';
import { addPolicyOptions, type PolicyFlags, policyReference } from '../policy-option.ts';

interface ExplainFlags extends PolicyFlags {
  readonly request: string;
  readonly user?: string;
  readonly group: readonly string[];
  readonly unauthenticated?: boolean;
  readonly as?: string;
  readonly kubernetesVersion?: string;
  readonly output: OutputFormat;
}

const HELP = `
Groups that the API server adds by itself (system:authenticated, those of a service account or a kubelet) need not be named.
A policy matches the user who authenticated, never the one who is impersonated: kubectl --as admin changes nothing (--as says so).

Examples:
  k8s-audit policy explain --request "GET /api/v1/namespaces/prod/secrets/x" --user alice
  k8s-audit policy explain policy.yaml --request "GET /api/v1/namespaces/prod/secrets/x" --user alice --group dev
  k8s-audit policy explain --profile guide --request "GET /api/v1/namespaces/a/pods/web/exec?command=sh" --user alice
  k8s-audit policy explain policy.yaml --request "POST /apis/apps/v1/namespaces/a/deployments" --user system:serviceaccount:ci:deployer
  k8s-audit policy explain policy.yaml --request "GET /api/v1/secrets?watch=true&fieldSelector=metadata.name%3Dx" --user alice --as admin
  k8s-audit policy explain policy.yaml --request "GET /api/v1/secrets" --unauthenticated

kubectl -v 6 shows the URL of each request that it makes.
Exit codes: 0 explained, 1 the policy is refused or not there, 2 wrong usage.`;

/** `k8s-audit policy explain`: the level of a request, the rule that decides, and why each earlier one does not. */
export const registerPolicyExplain: RegisterCommand = (parent, io) => {
  addPolicyOptions(parent.command('explain').description('say what an audit policy does with a request, and why'))
    .requiredOption('--request <method and url>', 'as in "GET /api/v1/pods?watch=true"')
    .option('--user <name>', 'who asks')
    .option('--group <name>', 'a group of the user; may be repeated', (name: string, names: readonly string[]) => [...names, name], [])
    .option('--as <name>', 'whom the user impersonates; no policy sees it')
    .option('--unauthenticated', 'instead of --user: authentication failed')
    .option('--kubernetes-version <version>', 'whose rules hold; the newest without it')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((argument: string | undefined, flags: ExplainFlags) => runExplain(policyReference(argument, flags), flags, io));
};

async function runExplain(reference: string, flags: ExplainFlags, io: CommandIo): Promise<void> {
  if ((flags.user === undefined) === (flags.unauthenticated !== true))
    throw new Failure('USAGE', 'say who asks: --user NAME, or --unauthenticated', { hint: 'k8s-audit policy explain --help' });
  if (flags.unauthenticated === true && (flags.group.length > 0 || flags.as !== undefined))
    throw new Failure('USAGE', 'whom nobody could authenticate has no groups and impersonates nobody', {
      hint: 'leave --group and --as out',
    });
  const loaded = await loadPolicy(reference, io, kubernetesVersion(flags.kubernetesVersion));
  for (const warning of loaded.warnings) io.stderr.write(`${warning}\n`);
  const answer = explainRequest(loaded, { request: flags.request, user: flags.user, groups: flags.group, as: flags.as });
  printResult(io, flags.output, answer, (result) => renderAnswer(result, loaded.name));
}
