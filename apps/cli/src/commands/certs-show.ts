import { relative, resolve } from 'node:path';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type InspectedCertificates, type InspectedFile, inspectCertificates } from '../flows/inspect-certificates.ts';
import { renderTable } from '../text-table.ts';

interface ShowFlags {
  readonly ca?: readonly string[];
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit certs show /etc/k8s-audit
  k8s-audit certs show receiver/server.crt --ca ca/ca.crt
  k8s-audit certs show /etc/k8s-audit -o json | jq '.certificates[] | select(.daysLeft < 60)'

A folder is searched for .crt, .cert, .cer and .pem; a key beside a certificate (same name, .key) is compared with it.
Exit codes: 0 all in order (a certificate that ends within 30 days is a warning), 1 something is wrong with one, 2 wrong usage.`;

/** `k8s-audit certs show PATH...`: what the certificates say, and what is wrong with them. */
export const registerCertsShow: RegisterCommand = (parent, io) => {
  parent
    .command('show')
    .description('show certificates: subject, names, expiry, and what is wrong with them')
    .argument('<path...>', 'files and folders')
    .option(
      '--ca <file>',
      'an authority to check against, beside those among the paths; may be repeated',
      (file, before: readonly string[] = []) => [...before, file],
    )
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((paths: readonly string[], flags: ShowFlags) => runShow(paths, flags, io));
};

async function runShow(paths: readonly string[], flags: ShowFlags, io: CommandIo): Promise<void> {
  const at = (path: string): string => resolve(io.cwd, path);
  const inspected = await inspectCertificates(paths.map(at), (flags.ca ?? []).map(at), io.now());
  printResult(io, flags.output, inspected, (result) => renderInspected(result, io.cwd));
  const wrong = inspected.certificates.some(({ problems }) => problems.some(({ severity }) => severity === 'error'));
  io.setExitCode(wrong || inspected.certificates.length === 0 ? 1 : 0);
}

function renderInspected({ certificates, closed }: InspectedCertificates, cwd: string): string {
  const near = (path: string): string => relative(cwd, path) || '.';
  const rows = certificates.map((each) => [near(each.file), partOf(each), each.subject, namesOf(each), endOf(each), problemsOf(each)]);
  return [
    ...(rows.length === 0 ? ['No certificate found.'] : [renderTable(['FILE', 'WHAT', 'SUBJECT', 'NAMES', 'ENDS', 'PROBLEMS'], rows)]),
    ...closed.map((path) => `Not looked at, this user may not: ${near(path)}`),
  ].join('\n');
}

function partOf({ role, cluster, key }: InspectedFile): string {
  return `${cluster === undefined ? role : `cluster ${cluster}`} (${key})`;
}

function namesOf({ names }: InspectedFile): string {
  return names.map(({ value }) => value).join(' ') || '-';
}

function endOf({ notAfter, daysLeft }: InspectedFile): string {
  return `${notAfter.slice(0, 10)} (${daysLeft < 0 ? `${-daysLeft} days ago` : `in ${daysLeft} days`})`;
}

function problemsOf({ problems }: InspectedFile): string {
  return problems.map(({ severity, message }) => `${severity}: ${message}`).join('; ') || '-';
}
