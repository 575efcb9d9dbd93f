import { connect } from 'node:net';
import { ControlFrameReader, encodeControlFrame } from '@k8s-audit/wazuh-message';

/** Sends raw bytes to a control socket and hands back the text of the answer; undefined when the connection ends without one. */
export function sendToControlSocket(path: string, ...pieces: readonly Uint8Array[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const frames = new ControlFrameReader(16 * 1024 * 1024);
    let answer: string | undefined;
    const socket = connect(path, async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((next) => setImmediate(next));
      }
    });
    socket.on('data', (chunk) => {
      answer ??= frames.push(chunk)[0];
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : reject(error),
    );
  });
}

/** Asks as Wazuh's own tools do. */
export async function askControlSocket(path: string, request: object): Promise<Record<string, unknown>> {
  const answer = await sendToControlSocket(path, encodeControlFrame(JSON.stringify(request)));
  if (answer === undefined) throw new Error('no answer');
  return JSON.parse(answer) as Record<string, unknown>;
}
