import { Failure } from '@k8s-audit/failure';
import { type FromReader, READER_SIGNAL, type ReaderData } from './reader-protocol.ts';
import { checkSocketPath } from './socket-path.ts';
import { startWorker, type WorkerCode } from './worker-code.ts';

/** Of wazuh-analysisd's socket: its user and its group may write (wazuh v4.14.7 src/os_net/os_net.c, OS_BindUnixDomain). */
const SOCKET_MODE = 0o660;

export interface QueueReaderOptions {
  readonly socketPath: string;
  /**
   * Gets the datagrams in order, each cut at 65,535 bytes as wazuh-analysisd cuts it. While its promise is open no other
   * batch is handed over; when it stays open the kernel's queue fills, and senders wait.
   */
  readonly onMessages: (messages: readonly Uint8Array[]) => void | Promise<void>;
  /** Called once when reading has ended and not by `close`: `onMessages` threw, or the worker died. */
  readonly onError?: (error: unknown) => void;
  readonly workerCode?: WorkerCode;
}

export interface QueueReader {
  /** As a `DatagramTransport` names its reader. */
  readonly identity: string;
  /** Unlinks the socket, hands over what is queued, and resolves when that is worked off. */
  close(): Promise<void>;
}

/**
 * Listens where Wazuh's queue socket would be. The socket of a dead reader is replaced; one that somebody reads from, and a
 * file that is no socket, are not.
 *
 * @throws {Failure} QUEUE_TAKEN, QUEUE_BIND_FAILED, QUEUE_UNSUPPORTED, QUEUE_PATH_INVALID, QUEUE_WORKER_DIED
 */
export async function openQueueReader(options: QueueReaderOptions): Promise<QueueReader> {
  checkSocketPath(options.socketPath);
  const signals = new Int32Array(new SharedArrayBuffer(8));
  const data: ReaderData = {
    role: 'reader',
    socketPath: options.socketPath,
    mode: SOCKET_MODE,
    signals: signals.buffer as SharedArrayBuffer,
  };
  const worker = startWorker(new URL('./reader.worker.ts', import.meta.url), data, options.workerCode);
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let work: Promise<void> = Promise.resolve();
  let isListening = false;
  let failed = false;

  const fail = (error: unknown): void => {
    if (failed) return;
    failed = true;
    Atomics.store(signals, READER_SIGNAL.stop, 1);
    options.onError?.(error);
  };
  const workOff = async (messages: readonly Uint8Array[]): Promise<void> => {
    try {
      if (!failed) await options.onMessages(messages);
    } catch (error) {
      fail(error);
    }
    Atomics.add(signals, READER_SIGNAL.consumed, 1);
    Atomics.notify(signals, READER_SIGNAL.consumed);
  };

  const identity = await new Promise<string>((resolve, reject) => {
    worker.on('message', (message: FromReader) => {
      if (message.kind === 'listening') {
        isListening = true;
        resolve(message.identity);
      } else if (message.kind === 'refused') reject(refusalOf(message));
      else work = work.then(() => workOff(cut(message.bytes, message.lengths)));
    });
    const died = (cause: Error): void => {
      const failure = new Failure('QUEUE_WORKER_DIED', `The thread that reads ${options.socketPath} ended: ${cause.message}`, {
        hint: 'Start the program again; senders wait meanwhile. Report it, with this message.',
        cause,
      });
      reject(failure);
      if (isListening) fail(failure);
    };
    worker.on('error', died);
    worker.on('exit', () => {
      if (Atomics.load(signals, READER_SIGNAL.stop) === 0) died(new Error('it ended by itself'));
    });
  });

  return {
    identity,
    close: async () => {
      Atomics.store(signals, READER_SIGNAL.stop, 1);
      await exited;
      await work;
    },
  };
}

function cut(bytes: Uint8Array, lengths: Int32Array): Uint8Array[] {
  let end = 0;
  return Array.from(lengths, (length) => {
    end += length;
    return bytes.subarray(end - length, end);
  });
}

function refusalOf({ reason, detail }: Extract<FromReader, { kind: 'refused' }>): Failure {
  if (reason === 'taken')
    return new Failure('QUEUE_TAKEN', `${detail}.`, { hint: 'Stop the other program (a Wazuh server?), or choose another socket path.' });
  return new Failure('QUEUE_BIND_FAILED', `${detail}.`, {
    hint: 'Name a path in a folder that exists and that this user may write to, and where no other file stands.',
  });
}
