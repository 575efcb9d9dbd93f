import { connect } from 'node:net';
import { ControlFrameReader, encodeControlFrame } from '@k8s-audit/wazuh-message';

export type ControlAnswer =
  | { readonly kind: 'answer'; readonly error: number; readonly message: string; readonly data: unknown }
  /** No daemon, no permission, no answer in time, or none that can be read. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Answers are longer than requests: the figures of a thousand agents, or a log of 65,535 bytes twice. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * Asks wazuh-analysisd on one of its stream sockets (queue/sockets/analysis or queue/sockets/logtest). One connection for one
 * question: the daemon closes it after the answer.
 */
export function askDaemon(
  socketPath: string,
  command: string,
  { parameters, timeoutMs = 2000 }: { readonly parameters?: object; readonly timeoutMs?: number } = {},
): Promise<ControlAnswer> {
  const request = { version: 1, origin: { name: 'k8s-audit', module: 'api' }, command, ...(parameters ? { parameters } : {}) };
  return new Promise((resolve) => {
    const frames = new ControlFrameReader(MAX_ANSWER_BYTES);
    const socket = connect({ path: socketPath });
    const finish = (answer: ControlAnswer): void => {
      socket.destroy();
      resolve(answer);
    };
    const fail = (reason: string): void => finish({ kind: 'unavailable', reason });
    socket.setTimeout(timeoutMs, () => fail(`no answer within ${timeoutMs} ms`));
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.on('close', () => fail('closed without an answer'));
    socket.on('connect', () => socket.write(encodeControlFrame(JSON.stringify(request))));
    socket.on('data', (chunk) => {
      try {
        const [text] = frames.push(chunk);
        if (text !== undefined) finish(parseAnswer(text));
      } catch {
        fail('an answer that is not in Wazuh’s protocol');
      }
    });
  });
}

function parseAnswer(text: string): ControlAnswer {
  const { error, message, data } = JSON.parse(text) as { error?: unknown; message?: unknown; data?: unknown };
  return { kind: 'answer', error: typeof error === 'number' ? error : 0, message: typeof message === 'string' ? message : '', data };
}
