import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeFileAtomically } from '@k8s-audit/host-files';
import { followLog, type LogCheckpoint, type LogEvent, parseCheckpoint, renderCheckpoint } from '@k8s-audit/log-files';
import { accept } from '../flow.ts';
import type { Logger } from '../log.ts';
import type { Origin } from '../spool-record.ts';
import type { Source, SourceContext } from './source.ts';
import type { LogSettings } from './sources-configuration.ts';

const GOOD: ReadonlySet<LogEvent['kind']> = new Set(['reading', 'taken-again']);

/** The log file of an API server, followed; how far it was read outlives a restart. */
export async function openLogSource(settings: LogSettings, { intake, log, stateFolder }: SourceContext): Promise<Source> {
  const path = resolve(settings.path);
  const origin: Origin = { cluster: settings.cluster, apiServer: settings.apiServer ?? '-', source: 'log' };
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  // Two names of one file are two logs: a link may lead elsewhere tomorrow.
  const checkpointFile = join(stateFolder, `log-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.json`);
  const checkpoint = await readCheckpoint(checkpointFile, log);
  let waiting: string | undefined;

  const followed = followLog({
    path,
    start: settings.start,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    take: async (lines) => {
      const accepted = await accept(lines, origin, intake);
      if (accepted.kind === 'stored' && accepted.quarantined > 0)
        log.warn({ event: 'odd-lines', cluster: origin.cluster, apiServer: origin.apiServer, path, ...accepted });
    },
    save: (progress) => writeFileAtomically(checkpointFile, renderCheckpoint(progress), { existing: 'replace', mode: 0o600 }),
    onEvent: (event) => {
      if (event.kind === 'waiting' || event.kind === 'refused') waiting = event.detail;
      if (GOOD.has(event.kind)) waiting = undefined;
      log[GOOD.has(event.kind) ? 'info' : 'warn']({ event: `log-${event.kind}`, ...event });
    },
  });
  return {
    figures: () => {
      const { byte, bytes, gaps } = followed.progress();
      return {
        kind: 'log',
        name: path,
        cluster: origin.cluster,
        apiServer: origin.apiServer,
        lagBytes: Math.max(0, bytes - byte),
        gaps,
        waiting,
      };
    },
    stop: () => followed.stop(),
  };
}

async function readCheckpoint(file: string, log: Logger): Promise<LogCheckpoint | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (text === undefined) return undefined;
  const checkpoint = parseCheckpoint(text);
  // Events may come twice then; the window of duplicates takes those of the last half hour.
  if (checkpoint === undefined) log.warn({ event: 'log-checkpoint-unreadable', file });
  return checkpoint;
}
