import { join, resolve } from 'node:path';
import { parseWebhookAddress } from '@k8s-audit/apiserver-config';
import { Failure } from '@k8s-audit/failure';
import { readHostText } from '@k8s-audit/host-files';
import { type CommandIo, type OutputFormat, outputOption, printResult, type RegisterCommand } from '../command-io.ts';
import { type ClusterStatus, clusterStatus } from '../flows/cluster/cluster-status.ts';
import { readClient } from '../flows/cluster/connect-material.ts';
import { type ApiServerStatus, WELL } from '../flows/cluster/judge-api-server.ts';
import { renderTable } from '../text-table.ts';

interface StatusFlags {
  readonly kubeconfig?: string;
  readonly receiver?: string;
  readonly certs?: string;
  readonly tlsServerName?: string;
  readonly root: string;
  readonly backup: string;
  readonly output: OutputFormat;
}

const HELP = `
Examples:
  k8s-audit cluster status                                                  on a connected node: its own API server
  k8s-audit cluster status --kubeconfig /etc/kubernetes/admin.conf          every API server behind the service "kubernetes"
  k8s-audit cluster status prod-eu --kubeconfig admin.conf --receiver 10.0.0.7 --certs prod-eu   from anywhere
  k8s-audit cluster status -o json | jq '.apiServers[] | select(.state != "connected")'

States: connected; silent (nothing at the receiver for ten minutes); losing (events were given up); drift (files changed after its start);
batch-size-1; blocking; no-audit; log-only; unreachable; unknown (nobody could say). LOST is what it gave up since it started, by the part that did.
Exit codes: 0 all well (connected, log-only, unknown), 1 one is not, or the cluster cannot be asked, 2 wrong usage.`;

/** `k8s-audit cluster status`: every API server, and whether its events arrive. */
export const registerClusterStatus: RegisterCommand = (parent, io) => {
  parent
    .command('status')
    .description('show every API server: policy and webhook as loaded, flags, last event, lag, losses')
    .argument('[cluster]', 'with --receiver: the cluster, as in its client certificate')
    .option('--kubeconfig <file>', 'ask the cluster; its user may read pods, endpoint slices and /metrics')
    .option('--receiver <host[:port]>', 'ask this receiver what arrived (default: the one that this node is connected to)')
    .option('--certs <folder>', 'the cluster’s client certificate, to ask with')
    .option('--tls-server-name <name>', 'the name in the receiver’s certificate, where it is not the one dialled')
    .option('--root <folder>', 'stands for / of the node', '/')
    .option('--backup <folder>', 'where "cluster connect" keeps its records', '/etc/kubernetes/k8s-audit-backup')
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .action((cluster: string | undefined, flags: StatusFlags) => runStatus(cluster, flags, io));
};

async function runStatus(cluster: string | undefined, flags: StatusFlags, io: CommandIo): Promise<void> {
  const at = (path: string): string => resolve(io.cwd, path);
  const status = await clusterStatus(
    {
      ...(flags.kubeconfig === undefined ? {} : { kubeconfig: await readHostText(at(flags.kubeconfig)) }),
      backupFolder: join(at(flags.root), flags.backup),
      ...(flags.receiver === undefined ? {} : { receiver: await receiverOf(cluster, flags, flags.receiver, io) }),
    },
    io.now,
  );
  printResult(io, flags.output, status, (result) => renderStatus(result, io.now()));
  if (status.receiver.kind === 'refused' || status.apiServers.some(({ state }) => !WELL.has(state))) io.setExitCode(1);
}

async function receiverOf(
  cluster: string | undefined,
  flags: StatusFlags,
  receiver: string,
  io: CommandIo,
): Promise<NonNullable<Parameters<typeof clusterStatus>[0]['receiver']>> {
  if (cluster === undefined || flags.certs === undefined)
    throw new Failure('USAGE', '--receiver needs the name of the cluster and --certs', { hint: 'k8s-audit cluster status --help' });
  const client = await readClient(resolve(io.cwd, flags.certs), cluster);
  return {
    cluster,
    client: {
      ...parseWebhookAddress(receiver),
      ...client,
      ...(flags.tlsServerName === undefined ? {} : { tlsServerName: flags.tlsServerName }),
    },
  };
}

function renderStatus({ cluster, apiServers, receiver }: ClusterStatus, nowMs: number): string {
  const rows = apiServers.map((each) => [
    each.name,
    each.address || '-',
    each.state,
    fileText(each.policy),
    fileText(each.webhook),
    each.lastEventAt === undefined ? '-' : `${ago(nowMs - Date.parse(each.lastEventAt))} ago`,
    each.lagMs === undefined ? '-' : ago(each.lagMs),
    lostText(each),
  ]);
  const advice = [...new Set(apiServers.flatMap(({ state, advice: text }) => (text === undefined ? [] : [`${state}: ${text}`])))];
  return [
    ...(cluster === undefined ? [] : [`Cluster ${cluster}`]),
    renderTable(['API SERVER', 'ADDRESS', 'STATE', 'POLICY', 'WEBHOOK', 'LAST EVENT', 'LAG', 'LOST'], rows),
    ...(receiver.kind === 'refused' ? [`The receiver cannot be asked: ${receiver.reason}`] : []),
    ...advice,
  ].join('\n');
}

function fileText({ kind, checksum }: ApiServerStatus['policy']): string {
  return { loaded: `${checksum} loaded`, 'changed-since': `${checksum} CHANGED`, known: `${checksum}`, unknown: '?' }[kind];
}

function lostText({ events, lost }: ApiServerStatus): string {
  if (lost === undefined) return '-';
  const parts = Object.entries(lost).filter(([, count]) => count > 0);
  return parts.length === 0 ? `0 of ${events}` : `${parts.map(([plugin, count]) => `${count} ${plugin}`).join(', ')} of ${events}`;
}

function ago(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
