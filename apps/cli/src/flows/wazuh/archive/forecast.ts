import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArchiveSample, type ArchiveSize, estimateArchive } from '@k8s-audit/wazuh-config';
import { readDaemonStatistics } from '@k8s-audit/wazuh-queue';
import { PLACES } from '@k8s-audit/wazuh-server';

/** What an archive of every agent's events would take, told before it is switched on. */
export type ArchiveForecast =
  | {
      readonly kind: 'estimate';
      /** On average since the daemon's start, and while it was watched; the larger of the two is what counts. */
      readonly eventsPerSecond: { readonly average: number; readonly now: number };
      readonly averageEventBytes: number;
      readonly runsForSeconds: number;
      readonly size: ArchiveSize;
      readonly days: number;
      /** Of the disk that archives.json lies on. */
      readonly freeGigabytes: number;
    }
  | { readonly kind: 'unknown'; readonly because: string };

const WATCH_MS = 1_000;
/** Of a manager that has not received anything yet. */
const ASSUMED_EVENT_BYTES = 1_000;

/** Two readings of wazuh-analysisd's counters: all that it receives, whoever sends it. */
export async function forecastArchive(home: string, days: number, now: () => number, watchMs: number = WATCH_MS): Promise<ArchiveForecast> {
  const first = await sample(home, now);
  if ('because' in first) return { kind: 'unknown', because: first.because };
  await sleep(watchMs);
  const second = await sample(home, now);
  if ('because' in second) return { kind: 'unknown', because: second.because };
  const { startedAtMs, atMs, eventsReceived, bytesReceived } = second;
  const averageEventBytes = eventsReceived > 0 && bytesReceived > 0 ? bytesReceived / eventsReceived : ASSUMED_EVENT_BYTES;
  try {
    const average = estimateArchive({ atMs: startedAtMs, eventsReceived: 0 }, second, averageEventBytes);
    const watched = estimateArchive(first, second, averageEventBytes);
    return {
      kind: 'estimate',
      eventsPerSecond: { average: average.eventsPerSecond, now: watched.eventsPerSecond },
      averageEventBytes,
      runsForSeconds: (atMs - startedAtMs) / 1_000,
      size: average.eventsPerSecond > watched.eventsPerSecond ? average : watched,
      days,
      freeGigabytes: await freeGigabytes(dirname(join(home, PLACES.archives))),
    };
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'unknown', because: 'wazuh-analysisd was restarted while it was watched' };
    throw error;
  }
}

interface Sample extends ArchiveSample {
  readonly startedAtMs: number;
  readonly bytesReceived: number;
}

async function sample(home: string, now: () => number): Promise<Sample | { readonly because: string }> {
  const answer = await readDaemonStatistics(join(home, PLACES.analysis));
  if (answer.kind === 'unavailable') return { because: `wazuh-analysisd does not tell how much it receives (${answer.reason})` };
  const { startedAt, received, receivedBytes } = answer.statistics;
  return { atMs: now(), startedAtMs: 1_000 * startedAt, eventsReceived: received, bytesReceived: receivedBytes };
}

async function freeGigabytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return (bavail * bsize) / 1e9;
}

/** Lines for a person who decides. */
export function renderArchiveForecast(forecast: ArchiveForecast): readonly string[] {
  if (forecast.kind === 'unknown')
    return ['every event of every agent is kept, not only Kubernetes’', `how much that is cannot be told: ${forecast.because}`];
  const { eventsPerSecond, averageEventBytes, runsForSeconds, size, days, freeGigabytes: free } = forecast;
  const disk = size.diskGigabytesADay;
  return [
    'every event of every agent is kept, not only Kubernetes’',
    `${eventsPerSecond.average.toFixed(1)} events a second on average in ${duration(runsForSeconds)}, ${eventsPerSecond.now.toFixed(1)} now, of ${Math.round(averageEventBytes)} bytes`,
    `about ${gigabytes(disk)} a day on disk (yesterday’s is compressed by Wazuh), ${gigabytes(size.indexGigabytesADay)} a day in the index`,
    `in ${days} days at most ${gigabytes(days * disk)} on disk and ${gigabytes(days * size.indexGigabytesADay)} in the index`,
    `free now: ${gigabytes(free)}${disk > 0 && free / disk < days ? `, which without compression lasts ${Math.floor(free / disk)} days` : ''}`,
  ];
}

export function gigabytes(amount: number): string {
  return `${amount < 10 ? amount.toFixed(2) : Math.round(amount)} GB`;
}

function duration(seconds: number): string {
  return seconds < 2 * 86_400 ? `${(seconds / 3_600).toFixed(1)} hours` : `${Math.round(seconds / 86_400)} days`;
}
