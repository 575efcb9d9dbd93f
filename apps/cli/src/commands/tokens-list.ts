import { resolve } from 'node:path';
import { type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { listTokens } from '../flows/token-file.ts';
import { renderTable } from '../text-table.ts';

interface ListFlags {
  readonly file: string;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit tokens list --file /etc/k8s-audit/receiver/tokens
  k8s-audit tokens list --file tokens -o json | jq '.[] | select(.state == "ended")'

Exit codes: 0 done, 1 the file is missing or holds a line that is no entry, 2 wrong usage.`;

/** `k8s-audit tokens list`: which tokens there are, and whose. */
export const registerTokensList: RegisterCommand = (parent, io) => {
  parent
    .command('list')
    .description('list the tokens by id and cluster')
    .requiredOption('--file <file>', 'the receiver’s token file')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action(async (flags: ListFlags) => {
      const tokens = await listTokens(resolve(io.cwd, flags.file), io.now());
      printResult(io, flags.output, tokens, (rows) =>
        rows.length === 0
          ? 'No tokens.'
          : renderTable(
              ['ID', 'CLUSTER', 'CREATED', 'ENDS', 'STATE'],
              rows.map(({ id, cluster, createdAt, endsAt, state }) => [id, cluster, createdAt, endsAt ?? 'never', state]),
            ),
      );
    });
};
