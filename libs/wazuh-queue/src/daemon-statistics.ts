import { askDaemon, type ControlAnswer } from './control-client.ts';
import type { LoadSample, QueueLoad } from './load.ts';

/** What wazuh-analysisd tells of itself (getstats; wazuh v4.14.7 src/analysisd/state.c, asys_create_state_json). */
export interface DaemonStatistics {
  /** Seconds since the epoch. */
  readonly startedAt: number;
  readonly received: number;
  readonly receivedBytes: number;
  readonly processed: number;
  /** All that its full queues dropped since its start, whoever sent it. */
  readonly dropped: number;
  /** Of these, what came as `1:` and from no agent: ours and what is like it. */
  readonly droppedOthers: number;
  readonly alertsWritten: number;
  readonly archivesWritten: number;
  readonly queues: Readonly<Record<string, { readonly size: number; readonly used: number }>>;
}

export type StatisticsAnswer =
  | { readonly kind: 'statistics'; readonly statistics: DaemonStatistics }
  | Extract<ControlAnswer, { kind: 'unavailable' }>;

/** @param socketPath queue/sockets/analysis */
export async function readDaemonStatistics(socketPath: string): Promise<StatisticsAnswer> {
  const answer = await askDaemon(socketPath, 'getstats');
  if (answer.kind === 'unavailable') return answer;
  if (answer.error !== 0) return { kind: 'unavailable', reason: `getstats: ${answer.message}` };
  const statistics = parseDaemonStatistics(answer.data);
  return statistics ? { kind: 'statistics', statistics } : { kind: 'unavailable', reason: 'getstats without the figures of its queues' };
}

/** @returns undefined when the figures that pacing stands on are not there */
export function parseDaemonStatistics(data: unknown): DaemonStatistics | undefined {
  const events = at(data, 'metrics', 'events');
  const queues = at(data, 'metrics', 'queues');
  if (at(queues, 'others', 'size') === undefined || at(queues, 'others', 'usage') === undefined) return undefined;
  const drops = at(events, 'received_breakdown', 'dropped_breakdown');
  return {
    startedAt: numberAt(data, 'uptime'),
    received: numberAt(events, 'received'),
    receivedBytes: numberAt(data, 'metrics', 'bytes', 'received'),
    processed: numberAt(events, 'processed'),
    dropped: sumOfLeaves(drops),
    droppedOthers: numberAt(drops, 'modules_breakdown', 'logcollector_breakdown', 'others'),
    alertsWritten: numberAt(events, 'written_breakdown', 'alerts'),
    archivesWritten: numberAt(events, 'written_breakdown', 'archives'),
    queues: Object.fromEntries(
      Object.keys((queues ?? {}) as object).map((name) => {
        const size = numberAt(queues, name, 'size');
        return [name, { size, used: Math.round(numberAt(queues, name, 'usage') * size) }];
      }),
    ),
  };
}

/** The queue of incoming events drops when it is full, and so do the two in front of the files; those in between wait. */
const DROPPING_QUEUES = ['others', 'alerts', 'archives'];
const WAITING_QUEUES = ['processed'];

export function loadOf(statistics: DaemonStatistics, mark: string): LoadSample {
  const queue = (name: string, drops: boolean): QueueLoad[] => {
    const load = statistics.queues[name];
    return load && load.size > 0 ? [{ name, ...load, drops }] : [];
  };
  return {
    kind: 'load',
    source: 'getstats',
    mark,
    queues: [...DROPPING_QUEUES.flatMap((name) => queue(name, true)), ...WAITING_QUEUES.flatMap((name) => queue(name, false))],
    dropped: statistics.dropped,
  };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}

function numberAt(value: unknown, ...path: readonly string[]): number {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : 0;
}

function sumOfLeaves(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, inner) => sum + sumOfLeaves(inner), 0);
}
