import { type Finding, SEVERITIES, type Severity } from '@k8s-audit/audit-policy';
import { Failure } from '@k8s-audit/failure';
import { Option } from 'commander';
import { type CommandIo, printResult, type RegisterCommand } from '../command-io.ts';
import { type LintedPolicy, lintPolicies } from '../flows/lint-policies.ts';
import { renderLintSarif } from '../flows/lint-sarif.ts';
import { PAGE, renderLint } from '../flows/lint-text.ts';
import { kubernetesVersion } from '../flows/load-policy.ts';
import { VERSION } from '../version.ts';

interface LintFlags {
  readonly severity: Severity;
  readonly failOn: Severity | 'never';
  readonly kubernetesVersion?: string;
  readonly fix?: true;
  readonly fixAll?: true;
  readonly dryRun?: true;
  readonly output: 'text' | 'json' | 'sarif';
}

const HELP = `
Reads a policy as kube-apiserver does, and tells what it accepts in silence: fields that it ignores, rules that no request comes to (proved, with
the rules that take the requests), names that match nothing, secrets in recorded bodies, failed logins that are not recorded, noise, CIS 3.2.2.
Each finding is explained in ${PAGE}.

--fix changes the text only where no decision changes; --fix-all also where the text says one thing and does another (verbs below resources,
"core" for the core group, Pod for pods). Comments and order stay. Both check what they did. --dry-run shows the diff and changes nothing.
A comment "# k8s-audit: ignore ID: reason" behind something or above a rule, or "ignore-file", keeps a finding away.

Examples:
  k8s-audit policy lint /etc/kubernetes/audit/policy.yaml
  k8s-audit policy lint policy.yaml --kubernetes-version 1.35 --severity warning
  k8s-audit policy lint policy.yaml --fix-all --dry-run
  k8s-audit policy lint policies/*.yaml -o sarif > policies.sarif
  k8s-audit policy render --profile guide | k8s-audit policy lint -

Exit codes: 0 nothing as severe as --fail-on (after the fixes), 1 something is or a file cannot be read, 2 wrong usage.`;

/** `k8s-audit policy lint FILE...`: what is wrong with audit policies, where, why, and what mends it. */
export const registerPolicyLint: RegisterCommand = (parent, io) => {
  parent
    .command('lint')
    .description('say what is wrong with audit policies: what kube-apiserver ignores, what never matches, what is risky')
    .argument('<file...>', 'policy files; - for the standard input')
    .addOption(new Option('--severity <least>', 'show and mend findings from this severity on').choices([...SEVERITIES]).default('info'))
    .addOption(new Option('--fail-on <least>', 'exit with 1 from this severity on').choices([...SEVERITIES, 'never']).default('warning'))
    .option('--kubernetes-version <version>', 'what the cluster runs; the newest without it')
    .option('--fix', 'mend what can be mended without changing a decision')
    .option('--fix-all', 'mend also what does not do what it says')
    .option('--dry-run', 'with --fix or --fix-all: show the diff, write nothing')
    .addOption(new Option('-o, --output <format>', 'how to print the findings').choices(['text', 'json', 'sarif']).default('text'))
    .addHelpText('after', HELP)
    .action((files: readonly string[], flags: LintFlags) => runLint(files, flags, io));
};

async function runLint(files: readonly string[], flags: LintFlags, io: CommandIo): Promise<void> {
  const fix = flags.fixAll === true ? 'stated' : flags.fix === true ? 'same' : undefined;
  if (flags.dryRun === true && fix === undefined)
    throw new Failure('USAGE', '--dry-run is for --fix and --fix-all: without them nothing is written anyway', {
      hint: 'k8s-audit policy lint --help',
    });
  const version = kubernetesVersion(flags.kubernetesVersion);
  const policies = await lintPolicies(
    files,
    { kubernetesVersion: version, fix, severity: flags.severity, dryRun: flags.dryRun === true },
    io,
  );
  const isShown = ({ severity }: Finding): boolean => isAtLeast(severity, flags.severity);
  const [piped] = policies.filter(({ fixedText }) => fixedText !== undefined);
  // A filter: the mended text goes where the text came from, and what is said about it elsewhere.
  if (piped?.fixedText !== undefined && flags.output === 'text') {
    io.stdout.write(piped.fixedText);
    io.stderr.write(`${renderLint(policies, isShown)}\n`);
  } else if (flags.output === 'sarif') io.stdout.write(renderLintSarif(policies, isShown, VERSION));
  else printResult(io, flags.output, toJson(policies, isShown), () => renderLint(policies, isShown));
  const fails = policies.some(({ result }) =>
    result.findings.some(({ severity }) => flags.failOn !== 'never' && isAtLeast(severity, flags.failOn)),
  );
  io.setExitCode(fails ? 1 : 0);
}

function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
}

function toJson(policies: readonly LintedPolicy[], isShown: (finding: Finding) => boolean): object {
  return {
    policies: policies.map(({ file, result, applied, isWritten, diff, fixedText }) => ({
      file,
      loads: result.reading.kind === 'policy',
      findings: result.findings.filter(isShown).map(({ place, end, related, fix, ...rest }) => ({
        ...rest,
        line: place.line,
        column: place.column,
        endLine: end.line,
        endColumn: end.column,
        page: `${PAGE}#${rest.id}`,
        related: related.map((other) => ({ message: other.message, line: other.place.line, column: other.place.column })),
        ...(fix === undefined ? {} : { fix: { title: fix.title, meaning: fix.meaning } }),
      })),
      suppressed: result.suppressed,
      isIncomplete: result.isIncomplete,
      applied,
      isWritten,
      diff,
      ...(fixedText === undefined ? {} : { fixedText }),
    })),
  };
}
