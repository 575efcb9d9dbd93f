import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiServerPod, type ApiServerSight, readStaticPod } from '@k8s-audit/apiserver-config';
import { averageEventRate, type SeenApiServer, seeApiServers } from '@k8s-audit/cluster';
import { readHostText } from '@k8s-audit/host-files';

/** How long the counters are watched: what an API server does now may be far from its average since the start. */
const WATCH_MS = 2_000;

export interface ApiServerLook {
  readonly pod: ApiServerPod;
  readonly sight: ApiServerSight;
  readonly startedAtMs?: number;
}

/** One API server by its manifest, and by its own counters where a kubeconfig lets them be read. */
export async function lookAtApiServer(
  manifest: string,
  kubeconfig: string | undefined,
  now: () => number,
  watchMs: number = WATCH_MS,
): Promise<ApiServerLook> {
  const pod = readStaticPod(await readHostText(manifest));
  const { flags } = pod;
  if (kubeconfig === undefined) return { pod, sight: { flags } };
  const text = await readHostText(kubeconfig);
  const read = async (): Promise<SeenApiServer['counters'] & { readonly atMs: number }> => ({
    ...(await ownCounters(text, pod)),
    atMs: now(),
  });
  const first = await read();
  if (first.kind === 'unreachable') return { pod, sight: { flags, unreadable: first.reason } };
  await sleep(watchMs);
  const second = await read();
  if (second.kind === 'unreachable') return { pod, sight: { flags, unreadable: second.reason } };
  const average = averageEventRate(second, second.atMs) ?? 0;
  const current = (1_000 * (second.events - first.events)) / Math.max(1, second.atMs - first.atMs);
  const errors = Object.values(second.errors).reduce((sum, count) => sum + count, 0);
  return {
    pod,
    sight: { flags, counters: { events: second.events, errors }, eventsPerSecond: Math.max(average, current) },
    startedAtMs: second.startedAtMs,
  };
}

/** Of several API servers the one that this manifest starts, by the address that it advertises. */
async function ownCounters(kubeconfig: string, { flags }: ApiServerPod): Promise<SeenApiServer['counters']> {
  const address = flags.findLast(({ name }) => name === 'advertise-address')?.value;
  try {
    const servers = await seeApiServers(kubeconfig);
    const own = servers.find((server) => address !== undefined && server.address.startsWith(`${address}:`)) ?? servers[0];
    return own?.counters ?? { kind: 'unreachable', reason: 'the kubeconfig names no API server' };
  } catch (error) {
    return { kind: 'unreachable', reason: (error as Error).message };
  }
}
