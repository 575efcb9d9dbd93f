import { relative, resolve } from 'node:path';
import { parseClusterName } from '@k8s-audit/certs';
import { Failure } from '@k8s-audit/failure';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { revokeCertificate, type WhichCertificate } from '../flows/revoke-certificate.ts';

interface RevokeFlags {
  readonly list: string;
  readonly dir?: string;
  readonly cluster?: string;
  readonly file?: string;
  readonly serial?: string;
  readonly note?: string;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit certs revoke --list /etc/k8s-audit/revoked --serial 5f3a…91 --note "prod-us, key copied"
  k8s-audit certs revoke --list /etc/k8s-audit/revoked --dir /etc/k8s-audit/certs --cluster prod-us     the one that is in use now
  k8s-audit certs revoke --list /etc/k8s-audit/revoked --file stolen.cert

The list is what tls.revoked of the receiver's configuration names; the receiver reads it again within seconds, and ends connections that
the certificate holds open. A cluster whose key was stolen first gets a new certificate (certs rotate --cluster NAME, which says the serial
of the old one), and is not cut off. To take a revocation back, remove its line.
Exit codes: 0 revoked (also when it was already), 1 not found, or the list has a mistake, 2 wrong usage.`;

/** `k8s-audit certs revoke`: a client certificate that is still valid is not taken any more. */
export const registerCertsRevoke: RegisterCommand = (parent, io) => {
  parent
    .command('revoke')
    .description('have the receiver refuse a client certificate before it ends')
    .requiredOption('--list <file>', 'the list that the receiver reads; made when it is missing')
    .option('--dir <folder>', 'with --cluster: the folder that certs create was given')
    .option('--cluster <name>', 'the certificate that this cluster has now')
    .option('--file <certificate>', 'the certificate in this file')
    .option('--serial <hex>', 'the certificate with this serial number')
    .option('--note <text>', 'what helps to remember; stands behind the serial number')
    .option('--dry-run', 'say what would be written, and write nothing')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: RevokeFlags) => runRevoke(flags, io));
};

async function runRevoke(flags: RevokeFlags, io: CommandIo): Promise<void> {
  const which = whichOf(flags, io);
  const day = new Date(io.now()).toISOString().slice(0, 10);
  const subject = which.kind === 'cluster' ? [which.cluster] : [];
  const note = [...subject, `revoked on ${day}`, ...(flags.note === undefined ? [] : [oneLine(flags.note)])].join(', ');
  const revoked = await revokeCertificate({ list: resolve(io.cwd, flags.list), which, note, dryRun: flags.dryRun ?? false });
  printResult(io, flags.output, revoked, ({ serial, outcome, list, written }) => {
    const where = relative(io.cwd, list);
    if (outcome === 'was revoked already') return `${serial} was revoked already, in ${where}.`;
    return written ? `${serial} is revoked, in ${where}.` : `Dry run, nothing is written: ${serial} would be added to ${where}.`;
  });
}

function whichOf({ dir, cluster, file, serial }: RevokeFlags, io: CommandIo): WhichCertificate {
  const ways: readonly (WhichCertificate | undefined)[] = [
    cluster === undefined ? undefined : { kind: 'cluster', folder: resolve(io.cwd, dir ?? '.'), cluster: parseClusterName(cluster) },
    file === undefined ? undefined : { kind: 'file', path: resolve(io.cwd, file) },
    serial === undefined ? undefined : { kind: 'serial', serial },
  ];
  const [only, ...others] = ways.filter((way) => way !== undefined);
  if (only === undefined || others.length > 0 || (cluster !== undefined && dir === undefined))
    throw new Failure('USAGE', 'Name one certificate: --dir and --cluster, or --file, or --serial.', {
      hint: 'k8s-audit certs revoke --help',
    });
  return only;
}

/** A line break would begin another entry. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
