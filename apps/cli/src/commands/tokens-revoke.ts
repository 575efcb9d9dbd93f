import { resolve } from 'node:path';
import { type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { revokeTokens } from '../flows/token-file.ts';

interface RevokeFlags {
  readonly file: string;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit tokens revoke 0f3c9a5b7d21 --file /etc/k8s-audit/receiver/tokens

The receiver reads the file again within two seconds. There is no undo: a token cannot be made again, only a new one.
Exit codes: 0 done, 1 there is no such token (then none is revoked), 2 wrong usage.`;

/** `k8s-audit tokens revoke ID...`: from now on nobody is let in with it. */
export const registerTokensRevoke: RegisterCommand = (parent, io) => {
  parent
    .command('revoke')
    .description('take tokens back')
    .argument('<id...>', 'as k8s-audit tokens list shows them')
    .requiredOption('--file <file>', 'the receiver’s token file')
    .option('--dry-run', 'say which would be taken back, and change nothing')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (ids: readonly string[], flags: RevokeFlags) => {
      const dryRun = flags.dryRun ?? false;
      const found = await revokeTokens(resolve(io.cwd, flags.file), ids, { dryRun });
      const revoked = found.map(({ id, cluster }) => ({ id, cluster, revoked: !dryRun }));
      const said = dryRun ? 'Dry run, would be revoked' : 'Revoked';
      printResult(io, flags.output, revoked, (rows) => rows.map(({ id, cluster }) => `${said}: ${id} (${cluster})`).join('\n'));
    });
};
