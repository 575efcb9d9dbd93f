import type { IncomingHttpHeaders } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { CHECKSUM_ANNOTATION, type Flag, flagsOfContainer } from '@k8s-audit/apiserver-config';
import { Failure } from '@k8s-audit/failure';
import type { V1Pod } from '@kubernetes/client-node';
import { readApiUser } from './api-user.ts';
import { type AuditCounters, parseAuditCounters } from './metrics.ts';

/** One API server of a cluster, as the cluster itself shows it. */
export interface SeenApiServer {
  /** `10.0.0.4:6443`. */
  readonly address: string;
  /** Of its node. Undefined: it is no pod (k3s), or none that the API shows. */
  readonly node?: string;
  readonly flags?: readonly Flag[];
  /** With which files it was started, where we wrote that down. */
  readonly checksum?: string;
  readonly counters: ({ readonly kind: 'counters' } & AuditCounters) | { readonly kind: 'unreachable'; readonly reason: string };
}

const TIMEOUT_MS = 10_000;

/**
 * Every API server behind the service `kubernetes`, each asked by itself for its metrics. Where the service has no endpoints, the one that
 * the kubeconfig names.
 *
 * @param kubeconfig the text of a file whose user may read pods of kube-system, endpoint slices and /metrics
 * @throws Failure CLUSTER_UNREACHABLE
 */
export async function seeApiServers(kubeconfig: string): Promise<readonly SeenApiServer[]> {
  // Half a second to load: only for who needs it.
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  try {
    config.loadFromString(kubeconfig);
    const slices = await config.makeApiClient(client.DiscoveryV1Api).listNamespacedEndpointSlice({
      namespace: 'default',
      labelSelector: 'kubernetes.io/service-name=kubernetes',
    });
    const pods = await config
      .makeApiClient(client.CoreV1Api)
      .listNamespacedPod({ namespace: 'kube-system', labelSelector: 'component=kube-apiserver' });
    const addresses = slices.items.flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).flatMap((each) => each.addresses.map((address) => join(address, ports?.[0]?.port))),
    );
    const own = new URL(config.getCurrentCluster()?.server ?? '');
    const all =
      addresses.length > 0 ? [...new Set(addresses)].sort() : [join(own.hostname.replace(/^\[|\]$/g, ''), Number(own.port || 443))];
    return await Promise.all(all.map((address) => see(kubeconfig, address, pods.items)));
  } catch (cause) {
    throw new Failure('CLUSTER_UNREACHABLE', `The cluster cannot be asked: ${reasonOf(cause)}.`, {
      hint: 'Check the kubeconfig with: kubectl --kubeconfig FILE get endpointslices,pods -n kube-system',
      cause,
    });
  }
}

/**
 * The counters of one API server that is named, whether or not the service `kubernetes` leads to it.
 *
 * @param address `10.0.0.4:6443`
 * @throws Failure CLUSTER_UNREACHABLE where the kubeconfig cannot be used
 */
export async function askAuditCounters(kubeconfig: string, address: string): Promise<SeenApiServer['counters']> {
  return await readCounters((await readApiUser(kubeconfig)).tls, address);
}

async function see(kubeconfig: string, address: string, pods: readonly V1Pod[]): Promise<SeenApiServer> {
  const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const pod = pods.find(({ status }) => status?.hostIP === host || status?.podIP === host);
  const container = pod?.spec?.containers.find(({ name }) => name === 'kube-apiserver');
  const read = container === undefined ? undefined : flagsOfContainer({ command: container.command, args: container.args });
  const checksum = pod?.metadata?.annotations?.[CHECKSUM_ANNOTATION];
  return {
    address,
    ...(pod?.spec?.nodeName === undefined ? {} : { node: pod.spec.nodeName }),
    ...(read?.kind === 'flags' ? { flags: read.flags.map(({ name, value }) => ({ name, value })) } : {}),
    ...(checksum === undefined ? {} : { checksum }),
    counters: await readCounters((await readApiUser(kubeconfig)).tls, address),
  };
}

async function readCounters(tls: RequestOptions, address: string): Promise<SeenApiServer['counters']> {
  const options: RequestOptions = { ...tls, agent: false, timeout: TIMEOUT_MS };
  return await new Promise((resolve) => {
    const unreachable = (reason: string): void => resolve({ kind: 'unreachable', reason });
    const sent = request(`https://${address}/metrics`, options, (response) => {
      text(response).then(
        (body) => {
          if (response.statusCode === 200) resolve({ kind: 'counters', ...parseAuditCounters(body) });
          else unreachable(`/metrics answers ${response.statusCode}${hintOf(response.headers)}`);
        },
        (error: unknown) => unreachable(reasonOf(error)),
      );
    });
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)));
    sent.once('error', (error) => unreachable(reasonOf(error)));
    sent.end();
  });
}

function hintOf(headers: IncomingHttpHeaders): string {
  return headers['www-authenticate'] === undefined ? '' : ' (not authenticated)';
}

function join(host: string, port: number | undefined): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port ?? 443}`;
}

/** What the API server says is in the body; what the network says in the cause. */
function reasonOf(error: unknown): string {
  const { message, code, cause } = error as {
    readonly message?: string;
    readonly code?: unknown;
    readonly cause?: { readonly message?: string };
  };
  const text = (cause?.message ?? message ?? String(error)).split('\n', 1)[0] ?? '';
  return typeof code === 'string' && !text.includes(code) ? `${code}: ${text}` : text;
}
