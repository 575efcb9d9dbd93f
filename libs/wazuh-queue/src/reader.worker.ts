/** The thread of a queue reader: it blocks in the kernel, and hands batches to the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromReader, ReaderData } from './reader-protocol.ts';
import { ReaderSocket } from './reader-socket.ts';

const port = parentPort;
if (port === null) throw new Error('reader.worker.ts runs as a worker');
const say = (message: FromReader, moved: readonly ArrayBuffer[] = []): void => port.postMessage(message, moved);

const socket = ReaderSocket.bind(workerData as ReaderData);
if (socket instanceof ReaderSocket) {
  say({ kind: 'listening', identity: socket.identity });
  socket.run((messages) => say(messages, [messages.bytes.buffer, messages.lengths.buffer]));
} else say(socket);
