/** The thread of a datagram transport: it may block, so that the rest of the process never does. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FromSender, type SenderData, WORD, writeOutcome } from './sender-protocol.ts';
import { SenderSocket } from './sender-socket.ts';

/** Soon after the last send: by then a healthy reader has read everything. */
const SETTLED_AFTER_MS = 50;

const port = parentPort;
if (port === null) throw new Error('sender.worker.ts runs as a worker');
const data = workerData as SenderData;
const words = new Int32Array(data.words);
const reader = Buffer.from(data.reader);
const socket = new SenderSocket(data, (state: FromSender) => port.postMessage(state));

let answered = 0;
let watchInMs = socket.watch();
for (;;) {
  const seen = Atomics.load(words, WORD.wake);
  const asked = Atomics.load(words, WORD.asked);
  if (asked !== answered) {
    writeOutcome(words, socket.send(asked, Atomics.load(words, WORD.count)));
    words[WORD.readerLength] = reader.write(socket.reader ?? '', 'latin1');
    answered = asked;
    Atomics.store(words, WORD.answered, answered);
    Atomics.notify(words, WORD.answered);
    watchInMs = SETTLED_AFTER_MS;
    continue;
  }
  // After the answer, never instead of it: somebody waits for it.
  if (Atomics.load(words, WORD.stop) === 1) break;
  if (Atomics.wait(words, WORD.wake, seen, watchInMs) === 'timed-out') watchInMs = socket.watch();
}
socket.close();
