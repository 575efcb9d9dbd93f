import { resolve } from 'node:path';
import { type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { revokeCertificates } from '../flows/revoke-certificates.ts';

interface RevokeFlags {
  readonly list: string;
  readonly note?: string;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit certs revoke /etc/k8s-audit/clusters/prod-us/audit-client.cert --list /etc/k8s-audit/receiver/revoked --note "key copied"
  k8s-audit certs revoke old.crt --list /etc/k8s-audit/receiver/revoked --dry-run

Adds the serial number to the list that the receiver's configuration names under tls.revoked. The receiver reads it again within two
seconds, and closes connections that are open with that certificate. Undo: take the line out again.
Exit codes: 0 done (also when it stood there already), 1 a file cannot be read or written, 2 wrong usage.`;

/** `k8s-audit certs revoke FILE...`: from now on nobody is let in with these certificates. */
export const registerCertsRevoke: RegisterCommand = (parent, io) => {
  parent
    .command('revoke')
    .description('add certificates to the receiver’s list of revoked ones')
    .argument('<file...>', 'the certificates, PEM')
    .requiredOption('--list <file>', 'the list that tls.revoked names; made when it is missing')
    .option('--note <text>', 'why, for whoever reads the list')
    .option('--dry-run', 'say what would be added, and write nothing')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (files: readonly string[], flags: RevokeFlags) => {
      const result = await revokeCertificates(
        files.map((file) => resolve(io.cwd, file)),
        { list: resolve(io.cwd, flags.list), note: flags.note ?? '', nowMs: io.now(), dryRun: flags.dryRun ?? false },
      );
      printResult(io, flags.output, result, ({ added, present, written }) =>
        [
          ...(added.length > 0 && !written ? ['Dry run, nothing is written:'] : []),
          ...added.map((line) => `+ ${line}`),
          ...present.map((serial) => `${serial} stands there already.`),
        ].join('\n'),
      );
    });
};
