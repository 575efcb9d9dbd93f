import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Failure } from '@k8s-audit/failure';
import { ControlFrameReader, encodeControlFrame } from '@k8s-audit/wazuh-message';

export interface ControlServer {
  close(): Promise<void>;
}

export interface ControlHandler {
  /** The answer to one request; what it throws closes the connection. */
  readonly answer: (request: string) => string | Uint8Array | Promise<string | Uint8Array>;
  /** The answer to a request above 65,535 bytes; without it the connection is closed. */
  readonly answerTooLarge?: () => string;
}

/** Its user and its group may ask, as on a Wazuh server. */
const SOCKET_MODE = 0o660;
/** A client that connects and says nothing is not waited for. */
const IDLE_MS = 10_000;
const MAX_CONNECTIONS = 64;

/**
 * One of wazuh-analysisd's stream sockets: a request, its answer, the end of the connection. A socket that nobody listens to
 * any more is replaced.
 *
 * @throws {Failure} CONTROL_SOCKET_FAILED
 */
export async function openControlServer(path: string, handler: ControlHandler): Promise<ControlServer> {
  const server = createServer((socket) => serve(socket, handler));
  server.maxConnections = MAX_CONNECTIONS;
  try {
    await listen(server, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' || !(await isDeadSocket(path))) throw error;
      unlinkSync(path);
      await listen(server, path);
    });
    chmodSync(path, SOCKET_MODE);
  } catch (error) {
    throw new Failure('CONTROL_SOCKET_FAILED', `${path} cannot be listened on: ${(error as Error).message}`, {
      hint: 'Another program (a Wazuh server?) may use this home; choose another folder, with a path below 100 bytes.',
      cause: error,
    });
  }
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function serve(socket: Socket, { answer, answerTooLarge }: ControlHandler): void {
  const frames = new ControlFrameReader();
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    let request: string | undefined;
    try {
      [request] = frames.push(chunk);
    } catch {
      if (answerTooLarge === undefined) socket.destroy();
      else socket.end(encodeControlFrame(answerTooLarge()));
      return;
    }
    if (request === undefined) return;
    // One question a connection: what comes behind it is not read.
    socket.pause();
    Promise.resolve(request)
      .then(answer)
      .then(
        (text) => socket.end(encodeControlFrame(text)),
        () => socket.destroy(),
      );
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A plain file refuses a connection too, and is somebody's. */
function isDeadSocket(path: string): Promise<boolean> {
  if (!lstatSync(path).isSocket()) return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(false);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
