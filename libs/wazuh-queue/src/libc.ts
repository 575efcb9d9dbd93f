/**
 * The system calls of the two workers, by FFI: node:dgram has no unix sockets, and of the addons that have, one aborts in
 * worker threads and the other grows without bound. Loaded in workers only: these calls block.
 *
 * Structures are laid out by hand for 64-bit Linux (x64 and arm64 agree, glibc and musl too).
 */
import koffi from 'koffi';

const libc = koffi.load(null);

const socketCall = libc.func('int socket(int, int, int)');
const connectCall = libc.func('int connect(int, void *, uint32_t)');
const bindCall = libc.func('int bind(int, void *, uint32_t)');
const closeCall = libc.func('int close(int)');
const setsockoptCall = libc.func('int setsockopt(int, int, int, void *, uint32_t)');
const ioctlCall = libc.func('int ioctl(int, unsigned long, void *)');
const sendmmsgCall = libc.func('int sendmmsg(int, void *, uint32_t, int)');
const recvmmsgCall = libc.func('int recvmmsg(int, void *, uint32_t, int, void *)');

/** asm-generic/errno.h; x64 and arm64 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  ENXIO: 6,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  ENOTDIR: 20,
  ENFILE: 23,
  EMFILE: 24,
  EPIPE: 32,
  ELOOP: 40,
  EMSGSIZE: 90,
  EPROTOTYPE: 91,
  EADDRINUSE: 98,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ENOTCONN: 107,
  ECONNREFUSED: 111,
} as const;

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
/** Not inherited by child processes: a forgotten copy would keep a dead queue alive. */
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const SIOCOUTQ = 0x5411;
const MSG_DONTWAIT = 0x40;
const MSG_WAITFORONE = 0x10000;

/** @returns the descriptor, or minus errno */
export function openDatagramSocket(): number {
  const fd = socketCall(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) as number;
  return fd < 0 ? -koffi.errno() : fd;
}

/** @returns 0 or errno */
export function connectTo(fd: number, path: string): number {
  const address = socketAddress(path);
  return (connectCall(fd, address, address.length) as number) < 0 ? koffi.errno() : 0;
}

/** @returns 0 or errno */
export function bindTo(fd: number, path: string): number {
  const address = socketAddress(path);
  return (bindCall(fd, address, address.length) as number) < 0 ? koffi.errno() : 0;
}

export function closeSocket(fd: number): void {
  closeCall(fd);
}

/** Bounds how long one blocking call waits; after it the call gives EAGAIN. */
export function setTimeouts(fd: number, timeoutMs: number): void {
  const timeval = Buffer.alloc(16);
  timeval.writeBigInt64LE(BigInt(Math.floor(timeoutMs / 1000)), 0);
  timeval.writeBigInt64LE(BigInt((timeoutMs % 1000) * 1000), 8);
  setsockoptCall(fd, SOL_SOCKET, SO_SNDTIMEO, timeval, timeval.length);
  setsockoptCall(fd, SOL_SOCKET, SO_RCVTIMEO, timeval, timeval.length);
}

const outqueue = Buffer.alloc(4);

/** Bytes that this socket has sent and its peer has not yet read, as the kernel accounts them; 0 too when the peer is gone. */
export function unreadBytes(fd: number): number {
  return (ioctlCall(fd, SIOCOUTQ, outqueue) as number) < 0 ? 0 : outqueue.readInt32LE(0);
}

/** @returns how many messages were taken, or minus errno */
export function sendMessages(fd: number, headers: Buffer, count: number): number {
  const sent = sendmmsgCall(fd, headers, count, 0) as number;
  return sent < 0 ? -koffi.errno() : sent;
}

/** Waits for one message, unless `dontWait`, and takes what else is there. @returns how many, or minus errno */
export function receiveMessages(fd: number, headers: Buffer, count: number, dontWait: boolean): number {
  const received = recvmmsgCall(fd, headers, count, dontWait ? MSG_DONTWAIT : MSG_WAITFORONE, null) as number;
  return received < 0 ? -koffi.errno() : received;
}

export function addressOf(bytes: Uint8Array): number {
  return Number(koffi.address(bytes));
}

/** struct sockaddr_un, as long as its path needs. */
function socketAddress(path: string): Buffer {
  const bytes = Buffer.from(path);
  const address = Buffer.alloc(2 + bytes.length + 1);
  address.writeUInt16LE(AF_UNIX, 0);
  bytes.copy(address, 2);
  return address;
}
