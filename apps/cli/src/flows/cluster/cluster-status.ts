import { existsSync } from 'node:fs';
import { type SeenApiServer, seeApiServers } from '@k8s-audit/cluster';
import { Failure } from '@k8s-audit/failure';
import { openChangeStore } from '@k8s-audit/host-files';
import { type ConnectData, connectDataOf } from './connect-plan.ts';
import { type ApiServerStatus, judgeApiServer } from './judge-api-server.ts';
import { type LocalNode, readLocalNode } from './local-node.ts';
import { askOwnBooks, type OwnBooks, type ReceiverClient } from './own-books.ts';
import { receiverClient } from './verify-connection.ts';

export interface StatusSources {
  /** The text of a kubeconfig: every API server, its flags and counters. */
  readonly kubeconfig?: string;
  /** Of this node, as a path of this machine: what a connect wrote, and whether that is what is loaded. */
  readonly backupFolder: string;
  /** Whom to ask what arrived; absent: as the connect of this node says. */
  readonly receiver?: { readonly cluster: string; readonly client: ReceiverClient };
}

export interface ClusterStatus {
  readonly cluster?: string;
  readonly apiServers: readonly ApiServerStatus[];
  readonly receiver: { readonly kind: 'asked' } | { readonly kind: 'not-asked' } | { readonly kind: 'refused'; readonly reason: string };
}

/** The cluster, this node and the receiver, each asked for what it knows -> one line an API server. @throws Failure NOT_CONNECTED, CLUSTER_UNREACHABLE */
export async function clusterStatus({ kubeconfig, backupFolder, receiver }: StatusSources, now: () => number): Promise<ClusterStatus> {
  const data = await standingConnect(backupFolder);
  if (data === undefined && kubeconfig === undefined && receiver === undefined)
    throw new Failure('NOT_CONNECTED', 'There is nothing to ask: this node was not connected by "cluster connect".', {
      hint: 'Give --kubeconfig FILE for every API server of a cluster, and --receiver with --certs for what arrived.',
    });
  const local = data === undefined ? undefined : await readLocalNode(data);
  const seen = kubeconfig === undefined ? [] : await seeApiServers(kubeconfig);
  const asked = receiver ?? (await receiverOf(data));
  const answer = asked === undefined ? undefined : await askOwnBooks(asked.client, asked.cluster);
  const books = answer?.kind === 'books' ? answer.books.apiServers : [];

  const cluster = data?.cluster ?? receiver?.cluster;
  return {
    ...(cluster === undefined ? {} : { cluster }),
    apiServers: matched(seen, local, books).map((evidence) =>
      judgeApiServer({ ...evidence, isReceiverAsked: answer?.kind === 'books' }, now()),
    ),
    receiver: answer === undefined ? { kind: 'not-asked' } : answer.kind === 'books' ? { kind: 'asked' } : answer,
  };
}

async function standingConnect(folder: string): Promise<ConnectData | undefined> {
  if (!existsSync(folder)) return undefined;
  const store = await openChangeStore({ folder });
  try {
    return store.standing.map(connectDataOf).findLast((data) => data !== undefined);
  } finally {
    store.close();
  }
}

async function receiverOf(data: ConnectData | undefined): Promise<StatusSources['receiver']> {
  if (data?.receiver === undefined) return undefined;
  return { cluster: data.cluster, client: await receiverClient(data, data.receiver) };
}

/** The same API server from each side: by address on the node, by the node's name at the receiver. */
function matched(
  seen: readonly SeenApiServer[],
  local: LocalNode | undefined,
  books: OwnBooks['apiServers'],
): readonly { readonly seen?: SeenApiServer; readonly local?: LocalNode; readonly books?: OwnBooks['apiServers'][number] }[] {
  const rows = seen.map((each) => {
    const own = local?.address === each.address ? local : undefined;
    const name = own?.apiServer ?? each.node?.toLowerCase();
    const book = books.find(({ apiServer }) => apiServer === name);
    return { seen: each, ...(own === undefined ? {} : { local: own }), ...(book === undefined ? {} : { books: book }) };
  });
  const isShown = (name: string): boolean => rows.some((row) => row.books?.apiServer === name || row.local?.apiServer === name);
  const own = local !== undefined && !isShown(local.apiServer) ? [local] : [];
  const names = new Set([
    ...own.map(({ apiServer }) => apiServer),
    ...books.map(({ apiServer }) => apiServer).filter((name) => !isShown(name)),
  ]);
  return [
    ...rows,
    ...[...names].map((name) => {
      const book = books.find(({ apiServer }) => apiServer === name);
      return { ...(local?.apiServer === name ? { local } : {}), ...(book === undefined ? {} : { books: book }) };
    }),
  ];
}
