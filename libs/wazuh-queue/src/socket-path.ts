import { Failure } from '@k8s-audit/failure';

/** sun_path holds 108 bytes with the terminating NUL (Linux, unix(7)). A longer path would be cut, and another file meant. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * @throws {Failure} QUEUE_UNSUPPORTED elsewhere than on 64-bit Linux; QUEUE_PATH_INVALID when the kernel could not take it
 */
export function checkSocketPath(path: string, platform: string = process.platform): void {
  if (platform !== 'linux')
    throw new Failure('QUEUE_UNSUPPORTED', `Wazuh’s datagram socket is spoken to on Linux only, this is ${platform}.`, {
      hint: 'Use the transport "embedded" (in-process) or "file" here.',
    });
  const length = Buffer.byteLength(path);
  if (length === 0 || path.includes('\0'))
    throw new Failure('QUEUE_PATH_INVALID', 'The socket’s path is empty or holds a NUL byte.', {
      hint: 'Name the file, e.g. /var/ossec/queue/sockets/queue.',
    });
  if (length > MAX_SOCKET_PATH_BYTES)
    throw new Failure('QUEUE_PATH_INVALID', `The socket’s path has ${length} bytes, the kernel takes ${MAX_SOCKET_PATH_BYTES}: ${path}`, {
      hint: 'Choose a shorter folder, or give a path relative to the working directory.',
    });
}
