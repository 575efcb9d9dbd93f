import type { SpoolUsage } from '@k8s-audit/spool';
import type { BooksSnapshot } from '../books.ts';
import type { Ending, Migration } from '../trust.ts';

/** One look at everything that health is judged by. Counts are since the start of the process. */
export interface Observation {
  readonly nowMs: number;
  /** When an API server was last heard, an earlier process included. */
  readonly heard: readonly Heard[];
  readonly refusals: readonly { readonly status: number; readonly code: string; readonly count: number }[];
  readonly spool: Pick<SpoolUsage, 'level' | 'undeliveredRecords' | 'undeliveredBytes' | 'maxBytes' | 'lostRecords'>;
  readonly ends: readonly Ending[];
  readonly migration: Pick<Migration, 'cluster' | 'endsAtMs'> | undefined;
  readonly lateEvents: number;
  /** By Wazuh's daemon, of all its sources, since its own start; undefined when it does not tell. */
  readonly daemonDropped: number | undefined;
  readonly apiServerDrops: readonly { readonly cluster: string; readonly apiServer?: string; readonly dropped: number }[];
  /** How often events of a followed log file may have been lost before they were read. */
  readonly logGaps: readonly { readonly cluster: string; readonly apiServer: string; readonly path: string; readonly gaps: number }[];
  readonly configurationFailure: { readonly detail: string; readonly sinceMs: number } | undefined;
}

export interface Heard {
  readonly cluster: string;
  readonly apiServer: string;
  readonly lastMs: number;
}

/** The origins of the books as of now, over those that an earlier process knew. */
export function heardFrom(known: readonly Heard[], { origins }: BooksSnapshot): readonly Heard[] {
  const merged = new Map(known.map((each) => [`${each.cluster}/${each.apiServer}`, each]));
  for (const { cluster, apiServer, lastReceivedAtMs } of origins)
    if (lastReceivedAtMs > 0) merged.set(`${cluster}/${apiServer}`, { cluster, apiServer, lastMs: lastReceivedAtMs });
  return [...merged.values()];
}
