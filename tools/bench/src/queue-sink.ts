/**
 * The far end of the queue bench, a process of its own: binds the socket and throws away what comes, one message a call, as
 * wazuh-analysisd's reader does. Says `listening` when it is there; ends with its parent.
 */
import koffi from 'koffi';

const libc = koffi.load(null);
const socket = libc.func('int socket(int, int, int)');
const bind = libc.func('int bind(int, void *, uint32_t)');
const recv = libc.func('long recv(int, void *, size_t, int)');

const path = Buffer.from(`${process.argv[2]}\0`);
const address = Buffer.concat([Buffer.from([1, 0]), path]);
const fd = socket(1, 2, 0) as number;
if ((bind(fd, address, address.length) as number) !== 0) throw new Error(`bind: errno ${koffi.errno()}`);
process.stdout.write('listening\n');
const buffer = Buffer.alloc(70_000);
// The parent kills it: a process that sits in recv hears nothing else.
for (;;) recv(fd, buffer, buffer.length, 0);
