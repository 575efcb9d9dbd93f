/** The thread of a datagram transport: it may block, so that the rest of the process never does. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromSender, SenderData, ToSender } from './sender-protocol.ts';
import { SenderSocket } from './sender-socket.ts';

/** Soon after the last send: by then a healthy reader has read everything. */
const SETTLED_AFTER_MS = 50;

const port = parentPort;
if (port === null) throw new Error('sender.worker.ts runs as a worker');
const say = (message: FromSender): void => port.postMessage(message);
const socket = new SenderSocket(workerData as SenderData, (state) => say({ kind: 'state', state }));
let timer = setTimeout(watch, 0);

port.on('message', (message: ToSender) => {
  clearTimeout(timer);
  if (message.kind === 'close') {
    socket.close();
    port.close();
    return;
  }
  say({ kind: 'outcome', sequence: message.sequence, outcome: socket.send(message.sequence, message.count) });
  timer = setTimeout(watch, SETTLED_AFTER_MS);
});

function watch(): void {
  timer = setTimeout(watch, socket.watch());
}
