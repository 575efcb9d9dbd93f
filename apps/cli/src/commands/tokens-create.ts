import { resolve } from 'node:path';
import { Failure } from '@k8s-audit/failure';
import { type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { addToken } from '../flows/token-file.ts';

interface CreateFlags {
  readonly file: string;
  readonly days?: string;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit tokens create prod-eu --file /etc/k8s-audit/receiver/tokens
  k8s-audit tokens create prod-eu --file tokens --dry-run
  k8s-audit tokens create prod-eu --file tokens --days 90 -o json | jq -r .token > webhook.token
  k8s-audit webhook render --server 10.0.0.7 --cluster prod-eu --token-file /etc/kubernetes/audit/webhook.token

For API servers that cannot have a client certificate. The token is printed once; the file keeps its SHA-256. The receiver's configuration
names the file under "tokens", and reads it again when it changes. Undo: k8s-audit tokens revoke ID.
Exit codes: 0 done, 1 the file cannot be read or written, 2 wrong usage.`;

/** `k8s-audit tokens create CLUSTER`: a bearer token for one cluster. */
export const registerTokensCreate: RegisterCommand = (parent, io) => {
  parent
    .command('create')
    .description('make a bearer token for one cluster')
    .argument('<cluster>', 'whose events it lets in')
    .requiredOption('--file <file>', 'the receiver’s token file; made when it is missing')
    .option('--days <days>', 'how long it is valid (default: until it is revoked)')
    .option('--dry-run', 'say what would be written, and make no token')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (cluster: string, flags: CreateFlags) => {
      const days = flags.days === undefined ? {} : { days: wholeDays(flags.days) };
      const dryRun = flags.dryRun ?? false;
      const created = await addToken(resolve(io.cwd, flags.file), cluster, { nowMs: io.now(), dryRun, ...days });
      const until = created.endsAt === undefined ? 'until it is revoked' : `until ${created.endsAt}`;
      printResult(io, flags.output, created, (made) =>
        made.written
          ? made.token
          : `Dry run, nothing is written: a token of cluster ${cluster}, ${until}, would be added to ${flags.file}.`,
      );
      if (flags.output === 'text' && created.written)
        io.stderr.write(`Token ${created.id} of cluster ${cluster}, ${until}. It is not shown again.\n`);
    });
};

function wholeDays(text: string): number {
  const days = Number(text);
  if (/^\d{1,4}$/.test(text) && days >= 1) return days;
  throw new Failure('USAGE', `--days takes a whole number from 1 to 9999, not ${text}.`, { hint: 'k8s-audit tokens create --help' });
}
