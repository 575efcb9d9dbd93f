import koffi from 'koffi';

/** The baseline: one blocking `send` a message, by the same FFI, on the thread that has the messages. */
export function openPlainSender(socketPath: string): { send(message: Uint8Array): void; close(): void } {
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int, int, int)');
  const connect = libc.func('int connect(int, void *, uint32_t)');
  const send = libc.func('long send(int, void *, size_t, int)');
  const close = libc.func('int close(int)');
  const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`${socketPath}\0`)]);
  const fd = socket(1, 2, 0) as number;
  if ((connect(fd, address, address.length) as number) !== 0) throw new Error(`connect: errno ${koffi.errno()}`);
  return {
    send: (message) => {
      if (Number(send(fd, message, message.length, 0)) !== message.length) throw new Error(`send: errno ${koffi.errno()}`);
    },
    close: () => close(fd),
  };
}
