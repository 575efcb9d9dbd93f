/**
 * The embedded back end as a process: Wazuh's queue socket, the rules, and the files that Wazuh would write.
 *
 *   queue/sockets/queue -> embedded-wazuh -> alerts.json, archives.json
 */
import { type EmbeddedEvent, type EmbeddedStatistics, type EmbeddedWazuhOptions, openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { openQueueReader } from '@k8s-audit/wazuh-queue';

export interface EmbeddedRunOptions extends Omit<EmbeddedWazuhOptions, 'onEvent'> {
  /** Instead of queue/sockets/queue below the home. */
  readonly socketPath?: string;
  readonly stopSignal: AbortSignal;
  readonly onReady: (ready: EmbeddedReady) => void;
  readonly onEvent: (event: EmbeddedEvent) => void;
}

export interface EmbeddedReady {
  readonly home: string;
  readonly socket: string;
  readonly rules: number;
  readonly alerts: string;
  readonly archives: string | false;
}

/**
 * Runs until the signal aborts; then nothing new is taken, what is queued is worked off, and the books are handed back.
 *
 * @throws {Failure} of the queue's socket, the rules, the control sockets, or a file that can never be written to
 */
export async function runEmbedded(options: EmbeddedRunOptions): Promise<EmbeddedStatistics> {
  const { socketPath, stopSignal, onReady, ...embedded } = options;
  const wazuh = await openEmbeddedWazuh(embedded);
  try {
    const socket = socketPath ?? wazuh.home.queueSocket;
    const { promise: broken, resolve: breakDown } = Promise.withResolvers<{ readonly error: unknown }>();
    const reader = await openQueueReader({
      socketPath: socket,
      onMessages: (messages) => wazuh.process(messages),
      onError: (error) => breakDown({ error }),
    });
    onReady({
      home: wazuh.home.folder,
      socket,
      rules: wazuh.rules,
      alerts: options.alertsFile ?? wazuh.home.alertsFile,
      archives: options.archivesFile ?? wazuh.home.archivesFile,
    });
    const failed = await Promise.race([broken, stopped(stopSignal)]);
    await reader.close();
    if (failed !== undefined) throw failed.error;
  } finally {
    await wazuh.close();
  }
  return wazuh.statistics();
}

function stopped(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
