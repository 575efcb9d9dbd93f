/**
 * A stand-in for the two ends of wazuh-analysisd that matter to a sender: it reads every datagram as soon as it comes, keeps
 * 16,384 of them and drops silently what comes beyond, works them off at a settable rate, and answers getstats.
 */
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { ControlFrameReader, encodeControlFrame } from '@k8s-audit/wazuh-message';
import { openQueueReader, type QueueReader } from '../queue-reader.ts';

export interface StandInDaemon {
  readonly socketPath: string;
  /** Events a second; 0 stops the work, not the reading. */
  drainPerSecond: number;
  /** Texts of the messages that were worked off, in order. */
  readonly processed: string[];
  readonly dropped: () => number;
  readonly queued: () => number;
  readonly fullest: () => number;
  close(): Promise<void>;
}

/** wazuh v4.14.7 etc/internal_options.conf, analysisd.decode_event_queue_size */
const QUEUE_SIZE = 16_384;
const TICK_MS = 5;

export async function startStandInDaemon(
  home: string,
  options: { readonly drainPerSecond: number; readonly answersGetstats?: boolean },
): Promise<StandInDaemon> {
  const socketPath = join(home, 'queue/sockets/queue');
  mkdirSync(dirname(socketPath), { recursive: true });
  const waiting: string[] = [];
  const processed: string[] = [];
  const counts = { received: 0, dropped: 0, fullest: 0 };
  const daemon = { drainPerSecond: options.drainPerSecond };

  const reader: QueueReader = await openQueueReader({
    socketPath,
    onMessages: (messages) => {
      for (const message of messages) {
        counts.received++;
        if (waiting.length < QUEUE_SIZE) waiting.push(Buffer.from(message).toString());
        else counts.dropped++;
      }
      counts.fullest = Math.max(counts.fullest, waiting.length);
    },
  });
  let drained = 0;
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    drained += ((nowMs - lastMs) * daemon.drainPerSecond) / 1000;
    lastMs = nowMs;
    processed.push(...waiting.splice(0, Math.floor(drained)));
    drained -= Math.floor(drained);
  }, TICK_MS);

  const getstats = (): object => ({
    uptime: 1,
    metrics: {
      events: {
        received: counts.received,
        processed: processed.length,
        received_breakdown: { dropped_breakdown: { modules_breakdown: { logcollector_breakdown: { others: counts.dropped } } } },
      },
      queues: { others: { size: QUEUE_SIZE, usage: waiting.length / QUEUE_SIZE } },
    },
  });
  const control = options.answersGetstats === false ? undefined : await listen(join(dirname(socketPath), 'analysis'), getstats);

  return Object.assign(daemon, {
    socketPath,
    processed,
    dropped: () => counts.dropped,
    queued: () => waiting.length,
    fullest: () => counts.fullest,
    close: async () => {
      clearInterval(timer);
      await reader.close();
      if (control) await new Promise((resolve) => control.close(resolve));
    },
  });
}

async function listen(path: string, answer: () => object): Promise<Server> {
  const server = createServer((socket) => {
    const frames = new ControlFrameReader();
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (frames.push(chunk).length > 0) socket.end(encodeControlFrame(JSON.stringify({ error: 0, message: 'ok', data: answer() })));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}
