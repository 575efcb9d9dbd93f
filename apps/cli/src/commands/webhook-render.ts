import { resolve } from 'node:path';
import { DEFAULT_EVENTS_PER_SECOND, DEFAULT_PORT, type FlagFormat, parseFlag, renderFlags } from '@k8s-audit/apiserver-config';
import { Failure } from '@k8s-audit/failure';
import { writeFileAtomically } from '@k8s-audit/host-files';
import { Option } from 'commander';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type RenderedWebhook, renderWebhook } from '../flows/render-webhook.ts';

interface RenderFlags {
  readonly server: string;
  readonly cluster: string;
  readonly apiServer?: string;
  readonly tlsServerName?: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly tokenFile?: string;
  readonly flags?: FlagFormat | true;
  readonly rate: string;
  readonly set?: readonly string[];
  readonly policyPath: string;
  readonly webhookPath: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit webhook render --server 10.0.0.7 --cluster prod-eu > webhook.yaml
  k8s-audit webhook render --server [fd00::7]:8080 --cluster prod-eu --api-server cp-1 --out webhook.yaml
  k8s-audit webhook render --server 10.0.0.7 --cluster prod-eu --flags yaml --rate 800    arguments for kube-apiserver.yaml
  k8s-audit webhook render --server 10.0.0.7 --cluster prod-eu -o json

The paths are those that the API server sees; the files come from "k8s-audit certs create" (DIR/clusters/NAME).
The flags are computed from --rate: batches of 100, sent every second, with room for ten times the average. The modes "blocking" and
"blocking-strict" are refused: each API request would wait for the receiver.
Exit codes: 0 done, 1 a value is refused or the file is there already, 2 wrong usage.`;

const FOLDER = '/etc/kubernetes/audit';

/** `k8s-audit webhook render`: the webhook kubeconfig of one API server, or its audit flags. */
export const registerWebhookRender: RegisterCommand = (parent, io) => {
  parent
    .command('render')
    .description('render the webhook kubeconfig, and the API server flags that can carry the load')
    .requiredOption('--server <host[:port]>', `where the receiver is dialled; port ${DEFAULT_PORT} if none is given`)
    .requiredOption('--cluster <name>', 'the cluster, as in its client certificate')
    .option('--api-server <name>', 'tells the API servers of one cluster apart: the node’s name')
    .option('--tls-server-name <name>', 'the name in the receiver’s certificate, where it is not the one dialled')
    .option('--ca <path>', 'the authority of the receiver', `${FOLDER}/audit-ca.cert`)
    .option('--cert <path>', 'the cluster’s client certificate', `${FOLDER}/audit-client.cert`)
    .option('--key <path>', 'its key', `${FOLDER}/audit-client.key`)
    .option('--token-file <path>', 'a file with a token (k8s-audit tokens create), instead of certificate and key')
    .addOption(
      new Option('--flags [format]', 'print the flags of kube-apiserver instead: one a line, or YAML items').choices(['list', 'yaml']),
    )
    .option('--rate <events>', 'audit events a second of one API server, on average', String(DEFAULT_EVENTS_PER_SECOND))
    .option('--set <flag=value>', 'another value for one of the flags; may be repeated', (value, before: readonly string[] = []) => [
      ...before,
      value,
    ])
    .option('--policy-path <path>', 'the audit policy', `${FOLDER}/policy.yaml`)
    .option('--webhook-path <path>', 'the webhook kubeconfig', `${FOLDER}/webhook.yaml`)
    .option('--out <file>', 'write to a file instead of printing')
    .option('--force', 'replace the file of --out')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((flags: RenderFlags) => runRender(flags, io));
};

async function runRender(flags: RenderFlags, io: CommandIo): Promise<void> {
  const rendered = renderWebhook({
    server: flags.server,
    cluster: flags.cluster,
    ...(flags.apiServer === undefined ? {} : { apiServer: flags.apiServer }),
    ...(flags.tlsServerName === undefined ? {} : { tlsServerName: flags.tlsServerName }),
    authorityPath: flags.ca,
    certificatePath: flags.cert,
    keyPath: flags.key,
    ...(flags.tokenFile === undefined ? {} : { tokenPath: flags.tokenFile }),
    policyPath: flags.policyPath,
    webhookPath: flags.webhookPath,
    eventsPerSecond: rateOf(flags.rate),
    overrides: (flags.set ?? []).map(parseFlag),
  });
  if (flags.out === undefined) return printResult(io, flags.output, rendered, (result) => textOf(result, flags.flags));
  const path = resolve(io.cwd, flags.out);
  await writeFileAtomically(path, textOf(rendered, flags.flags), { existing: flags.force ? 'replace' : 'refuse' });
  printResult(io, flags.output, { ...rendered, file: path }, () => `Written: ${flags.out}`);
}

function textOf({ kubeconfig, flags, estimate }: RenderedWebhook, format: FlagFormat | true | undefined): string {
  if (format === undefined) return kubeconfig;
  const text = renderFlags(flags, format === true ? 'list' : format);
  if (format !== 'yaml') return text;
  const megabytes = Math.ceil(estimate.outageMemoryBytes / 1_000_000);
  return `# Carries ${estimate.ceilingEventsPerSecond} events a second. The receiver may be away for ${estimate.survivedOutageSeconds} s; until then about ${megabytes} MB of memory.\n${text}`;
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (text.trim() !== '' && Number.isFinite(rate)) return rate;
  throw new Failure('USAGE', `--rate takes a number, not ${text}.`, { hint: 'k8s-audit webhook render --help' });
}
