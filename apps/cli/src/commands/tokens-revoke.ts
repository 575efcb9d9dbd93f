import { resolve } from 'node:path';
import { type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { revokeTokens } from '../flows/token-file.ts';

interface RevokeFlags {
  readonly file: string;
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
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (ids: readonly string[], flags: RevokeFlags) => {
      const revoked = (await revokeTokens(resolve(io.cwd, flags.file), ids)).map(({ id, cluster }) => ({ id, cluster }));
      printResult(io, flags.output, revoked, (rows) => rows.map(({ id, cluster }) => `Revoked: ${id} (${cluster})`).join('\n'));
    });
};
