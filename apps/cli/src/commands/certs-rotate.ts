import { relative, resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type RotatedCertificates, type Rotation, rotateCertificates } from '../flows/rotate-certificates.ts';
import { wholeDays } from '../whole-days.ts';

interface RotateFlags {
  readonly dir: string;
  readonly receiver?: boolean;
  readonly cluster?: readonly string[];
  readonly due?: string | true;
  readonly san?: readonly string[];
  readonly dropSan?: readonly string[];
  readonly authority?: 'begin' | 'switch' | 'finish' | 'abandon';
  readonly distributed?: boolean;
  readonly kubernetesVersion?: string;
  readonly days?: string;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit certs rotate --dir /etc/k8s-audit/certs                       renew the receiver's and every cluster's certificate
  k8s-audit certs rotate --dir /etc/k8s-audit/certs --due                 only what ends within 30 days: for a timer
  k8s-audit certs rotate --dir /etc/k8s-audit/certs --cluster prod-eu     one cluster
  k8s-audit certs rotate --dir /etc/k8s-audit/certs --receiver --san fd00::7
  k8s-audit certs rotate --dir /etc/k8s-audit/certs --authority begin     a new authority, in three steps:
  k8s-audit certs rotate --dir /etc/k8s-audit/certs --authority switch --distributed
  k8s-audit certs rotate --dir /etc/k8s-audit/certs --authority finish --distributed

Nobody is cut off: old and new certificates are both taken until the old ones end (or are revoked), and while the authority
changes, both are trusted. Each command says what must reach the control-plane nodes before the next one.
docs/guides/rotate-certificates.md has the whole of it.
Exit codes: 0 done (also when nothing was due), 1 refused or failed, 2 wrong usage.`;

/** `k8s-audit certs rotate`: new certificates, or a new authority, without an outage. */
export const registerCertsRotate: RegisterCommand = (parent, io) => {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  parent
    .command('rotate')
    .description('renew certificates, or change the authority, without an outage')
    .requiredOption('--dir <folder>', 'the folder that certs create was given')
    .option('--receiver', 'the receiver’s certificate (default: it, and every cluster’s)')
    .option('--cluster <name>', 'this cluster’s client certificate; may be repeated', collect)
    .option('--due [days]', 'only those that end within so many days (default: 30)')
    .option('--san <host>', 'a further name or address in the receiver’s certificate; may be repeated', collect)
    .option('--drop-san <host>', 'one that goes; may be repeated', collect)
    .addOption(new Option('--authority <step>', 'change the authority').choices(['begin', 'switch', 'finish', 'abandon']))
    .option('--distributed', 'the files of the step before are on every control-plane node, and in use')
    .option('--kubernetes-version <version>', 'of the API servers, e.g. 1.35: says whether they must be restarted for a new authority')
    .option('--days <days>', 'how long new certificates are valid (default: 365)')
    .option('--dry-run', 'say what would be written, and write nothing')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: RotateFlags) => runRotate(flags, io));
};

async function runRotate(flags: RotateFlags, io: CommandIo): Promise<void> {
  const rotated = await rotateCertificates({
    folder: resolve(io.cwd, flags.dir),
    renewal: renewalOf(flags),
    nowMs: io.now(),
    ...(flags.days === undefined ? {} : { days: wholeDays('--days', flags.days) }),
    ...(flags.kubernetesVersion === undefined ? {} : { kubernetesVersion: flags.kubernetesVersion }),
    dryRun: flags.dryRun ?? false,
  });
  printResult(io, flags.output, rotated, (result) => renderRotated(result, io.cwd, flags.dryRun ?? false));
}

function renewalOf({ authority, distributed, receiver, cluster, due, san, dropSan }: RotateFlags): Rotation {
  if (authority !== undefined) {
    if (receiver || cluster || due || san || dropSan)
      throw new Failure('USAGE', '--authority is about everybody: no --receiver, --cluster, --due, --san or --drop-san beside it.', {
        hint: 'k8s-audit certs rotate --help',
      });
    return { kind: 'authority', step: authority, isDistributed: distributed ?? false };
  }
  const isChosen = receiver === true || cluster !== undefined || san !== undefined || dropSan !== undefined;
  return {
    kind: 'leaves',
    ...(isChosen ? { only: { receiver: receiver === true || san !== undefined || dropSan !== undefined, clusters: cluster ?? [] } } : {}),
    ...(due === undefined ? {} : { endingWithinDays: due === true ? DUE_DAYS : wholeDays('--due', due) }),
    ...(san === undefined ? {} : { addHosts: san }),
    ...(dropSan === undefined ? {} : { dropHosts: dropSan }),
  };
}

/** As `certs status` warns. */
const DUE_DAYS = 30;

function renderRotated({ files, replaced, steps, phase }: RotatedCertificates, cwd: string, isDryRun: boolean): string {
  if (files.length === 0) return 'Nothing to renew.';
  return [
    `${isDryRun ? 'Dry run, nothing is written' : 'Written'} (authority: ${phase}):`,
    ...files.map(({ path, action }) => `  ${action.padEnd(7)}  ${relative(cwd, path)}`),
    ...(isDryRun ? [] : replaced.map(({ what, serial }) => `Replaced: ${what}, serial ${serial}`)),
    ...(isDryRun ? [] : steps.map((step, index) => `${index + 1}. ${step}`)),
  ].join('\n');
}
