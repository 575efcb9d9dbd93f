import { loadOf, readDaemonStatistics } from './daemon-statistics.ts';
import type { LoadSample, QueueLoad, ReadLoad } from './load.ts';
import { readStateFile } from './state-file.ts';
import type { PacingSource } from './transport.ts';

/** The queue_size of an agent's client_buffer where nothing else is configured. */
const DEFAULT_CLIENT_BUFFER = 5000;

/** @param clientBufferSize of `<client_buffer><queue_size>`: an agent does not tell it */
export function loadReaderFor(pacing: PacingSource, clientBufferSize: number = DEFAULT_CLIENT_BUFFER): ReadLoad | undefined {
  if (pacing.kind === 'getstats') return managerLoad(pacing.socketPath, pacing.stateFile);
  return pacing.kind === 'agent-state' ? agentLoad(pacing.stateFile, clientBufferSize) : undefined;
}

/**
 * The load of wazuh-analysisd: asked on its control socket; where that does not answer (older versions, no permission) read
 * from its state file, which is up to five seconds old (analysisd.state_interval).
 */
function managerLoad(controlSocketPath: string, stateFilePath: string): ReadLoad {
  let asked = 0;
  return async () => {
    const answer = await readDaemonStatistics(controlSocketPath);
    if (answer.kind === 'statistics') return loadOf(answer.statistics, String(++asked));
    const sample = await readAnalysisdState(stateFilePath);
    return sample ?? { kind: 'unavailable', reason: `${controlSocketPath}: ${answer.reason}; ${stateFilePath} tells nothing either` };
  };
}

async function readAnalysisdState(path: string): Promise<LoadSample | undefined> {
  const state = await readStateFile(path);
  if (state === undefined) return undefined;
  const queue = (name: string, key: string, drops: boolean): QueueLoad[] => {
    const [usage, size] = [numberIn(state.values, `${key}_queue_usage`), numberIn(state.values, `${key}_queue_size`)];
    // The usage is rounded to two digits: to the worse side.
    return usage !== undefined && size ? [{ name, size, used: usage === 0 ? 0 : Math.ceil((usage + 0.005) * size), drops }] : [];
  };
  const events = queue('others', 'event', true);
  if (events.length === 0) return undefined;
  return {
    kind: 'load',
    source: 'state-file',
    mark: state.mark,
    queues: [
      ...events,
      ...queue('alerts', 'alerts', true),
      ...queue('archives', 'archives', true),
      ...queue('processed', 'rule_matching', false),
    ],
    dropped: numberIn(state.values, 'events_dropped'),
  };
}

/**
 * The load of a Wazuh agent's buffer, from wazuh-agentd.state (every five seconds, agent.state_interval).
 */
function agentLoad(stateFilePath: string, bufferSize: number): ReadLoad {
  return async () => {
    const state = await readStateFile(stateFilePath);
    if (state === undefined) return { kind: 'unavailable', reason: `${stateFilePath} cannot be read` };
    const used = numberIn(state.values, 'msg_buffer');
    // Empty when the buffer is switched off, and always on Wazuh 5.
    if (used === undefined) return { kind: 'unavailable', reason: `${stateFilePath} does not say how full the buffer is` };
    return {
      kind: 'load',
      source: 'agent-state',
      mark: state.mark,
      queues: [{ name: 'client_buffer', size: bufferSize, used, drops: true }],
      dropped: undefined,
    };
  };
}

function numberIn(values: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = values.get(name);
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
