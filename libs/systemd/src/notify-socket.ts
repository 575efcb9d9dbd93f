/** Unix datagrams by FFI: node:dgram has no unix sockets, and a helper process would not be the main process that systemd listens to. */
import koffi from 'koffi';

const libc = koffi.load(null);
const socketCall = libc.func('int socket(int, int, int)');
const sendtoCall = libc.func('long sendto(int, void *, unsigned long, int, void *, uint32_t)');

// Linux, x64 and arm64 alike: asm-generic/socket.h, linux/net.h.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
/** The event loop never waits for systemd. */
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** @param path of the socket; a leading `@` means the abstract namespace */
export function openNotifySocket(path: string): (message: string) => void {
  const fd = socketCall(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) as number;
  const address = addressOf(path);
  return (message) => {
    const bytes = Buffer.from(message);
    sendtoCall(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length);
  };
}

/** struct sockaddr_un; an abstract name begins with NUL and has no terminating one. */
function addressOf(path: string): Buffer {
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  return path.startsWith('@')
    ? Buffer.concat([family, Buffer.from(`\0${path.slice(1)}`)])
    : Buffer.concat([family, Buffer.from(`${path}\0`)]);
}
