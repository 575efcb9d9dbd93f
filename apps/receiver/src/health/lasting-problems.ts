import type { HealthSettings } from '../health-configuration.ts';
import type { Heard, Observation } from './observation.ts';
import type { Problem } from './problem.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What is wrong by the looks of this moment alone; what must be counted over time stands in counted-problems.ts. */
export function lastingProblems(seen: Observation, settings: HealthSettings): readonly Problem[] {
  return [
    ...silences(seen, settings),
    ...spoolLevel(seen),
    ...endings(seen, settings),
    ...openMigration(seen),
    ...staleConfiguration(seen),
  ];
}

/** A cluster is silent when all of its API servers are; one of them alone is told apart only by its own path. */
function silences({ heard, nowMs }: Observation, { silentMinutes, forgetDays }: HealthSettings): readonly Problem[] {
  const silentMs = silentMinutes * MINUTE_MS;
  const awaited = heard.filter(({ lastMs }) => nowMs - lastMs < forgetDays * DAY_MS + silentMs);
  const clusters = new Map<string, Heard[]>();
  for (const each of awaited) clusters.set(each.cluster, [...(clusters.get(each.cluster) ?? []), each]);
  return [...clusters].flatMap(([cluster, servers]): readonly Problem[] => {
    const quiet = servers.filter(({ lastMs }) => nowMs - lastMs > silentMs);
    const latestMs = Math.max(...servers.map(({ lastMs }) => lastMs));
    if (quiet.length === servers.length)
      return [{ kind: 'cluster-silent', cluster, detail: `no event from cluster ${cluster} since ${at(latestMs)}` }];
    return quiet
      .filter(({ apiServer }) => apiServer !== '-')
      .map(({ apiServer, lastMs }) => ({
        kind: 'apiserver-silent',
        cluster,
        apiServer,
        detail: `no event from API server ${apiServer} of cluster ${cluster} since ${at(lastMs)}, while others of it are heard`,
      }));
  });
}

/** What has got worse has not become better: a full spool is filling too, and what has ended was ending. */
function spoolLevel({ spool }: Observation): readonly Problem[] {
  if (spool.level === 'ok') return [];
  const count = spool.undeliveredRecords;
  const events = `${count} events (${megabytes(spool.undeliveredBytes)} of ${megabytes(spool.maxBytes)} MB) wait for Wazuh`;
  return [
    { kind: 'spool-filling', count, detail: events },
    ...(spool.level === 'full' ? [{ kind: 'spool-full' as const, count, detail: `${events}, no more are taken` }] : []),
  ];
}

function endings({ ends, nowMs }: Observation, { certificateDays }: HealthSettings): readonly Problem[] {
  return ends.flatMap(({ kind, name, endsAtMs, beganAtMs }): readonly Problem[] => {
    // A CRL lives for days, not for a year: it is news in the last quarter of its life.
    const noticeMs = beganAtMs === undefined ? certificateDays * DAY_MS : (endsAtMs - beganAtMs) / 4;
    const leftMs = endsAtMs - nowMs;
    if (leftMs >= noticeMs) return [];
    const subject = `${kind} ${name}`;
    const count = Math.max(0, Math.floor(leftMs / DAY_MS));
    return [
      { kind: 'certificate-ending', subject, count, detail: `${subject} ends on ${at(endsAtMs)}` },
      ...(leftMs <= 0 ? [{ kind: 'certificate-ended' as const, subject, detail: `${subject} ended on ${at(endsAtMs)}` }] : []),
    ];
  });
}

function openMigration({ migration, nowMs }: Observation): readonly Problem[] {
  if (migration === undefined || nowMs >= migration.endsAtMs) return [];
  const { cluster, endsAtMs } = migration;
  return [
    {
      kind: 'migration-open',
      cluster,
      detail: `addresses of the migration may post as cluster ${cluster} without a certificate until ${at(endsAtMs)}`,
    },
  ];
}

function staleConfiguration({ configurationFailure: failure }: Observation): readonly Problem[] {
  return failure === undefined
    ? []
    : [{ kind: 'configuration-stale', detail: `not in effect since ${at(failure.sinceMs)}: ${failure.detail}` }];
}

function at(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1_000_000);
}
