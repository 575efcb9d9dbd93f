import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePorts } from '../free-ports.ts';
import { startProcess } from '../started-process.ts';
import { missing, OPENSEARCH_SOURCE } from './opensearch-jars.ts';

export interface OpenSearch {
  /** `http://127.0.0.1:PORT`, without TLS and without users: its security plugin is not among the jars. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** 10 s on an idle machine, 33 s on a busy one (measured). */
const READY_WITHIN_MS = 120_000;
const POLL_MS = 250;
const STOP_GRACE_MS = 15_000;

/**
 * Starts one node on a free loopback port, and waits until it takes documents. It dies with this process.
 *
 * @param jars of `ensureOpenSearchJars`
 * @param folder takes its data and its log
 * @throws {Failure} TESTBED_NO_OPENSEARCH
 */
export async function startOpenSearch(jars: string, folder: string): Promise<OpenSearch> {
  const [port = 0] = await findFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const memory = ['-Xms256m', '-Xmx512m'];
  const node = startProcess({
    name: 'opensearch',
    command: 'java',
    args: [...memory, '-cp', `${jars}/*`, join(OPENSEARCH_SOURCE, 'OpenSearchNode.java'), join(folder, 'node'), String(port)],
    logFile: join(folder, 'opensearch.log'),
  });
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (!(await isReady(url))) {
    if (!node.isRunning()) {
      const { error } = await node.ended;
      throw missing(error === undefined ? `it ended\n${node.tail()}` : error.message, 'apt-get install openjdk-17-jdk-headless');
    }
    if (performance.now() > deadlineMs) {
      await node.kill();
      throw missing(`it does not answer within ${READY_WITHIN_MS / 1_000} s\n${node.tail()}`, 'Is the machine busy? Try again.');
    }
    await sleep(POLL_MS);
  }
  return { url, stop: async () => void (await node.stop(STOP_GRACE_MS)) };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_cluster/health`);
    const { status } = (await response.json()) as { readonly status?: string };
    return status === 'green' || status === 'yellow';
  } catch {
    return false; // not listening yet
  }
}
