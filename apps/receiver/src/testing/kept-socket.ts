import koffi from 'koffi';

const libc = koffi.load(null);
const socketCall = libc.func('int socket(int, int, int)');
const bindCall = libc.func('int bind(int, void *, uint32_t)');
const listenCall = libc.func('int listen(int, int)');
const closeCall = libc.func('int close(int)');

// Linux, x64 and arm64.
const AF_INET = 2;
const SOCK_STREAM = 1;
const BACKLOG = 128;

/**
 * A listening socket on a free port of 127.0.0.1 that nobody accepts from, as systemd keeps one for a service. By FFI, because a server of
 * Node's would accept.
 */
export function keepListeningSocket(): { readonly fd: number; close(): void } {
  const fd = socketCall(AF_INET, SOCK_STREAM, 0) as number;
  const address = Buffer.from([AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  if (fd < 0 || (bindCall(fd, address, address.length) as number) < 0 || (listenCall(fd, BACKLOG) as number) < 0)
    throw new Error(`no listening socket: errno ${koffi.errno()}`);
  return { fd, close: () => void closeCall(fd) };
}
