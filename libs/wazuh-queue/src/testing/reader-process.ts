/**
 * A reader of its own process, to be stopped and killed: `node reader-process.ts SOCKET JOURNAL [unlink]`. It writes each
 * message's text to the journal before it takes it from the kernel's queue, so what it took is in the journal whenever it
 * is killed; analysisd cannot promise as much, but here only the sender is on trial. Prints a line when it listens.
 */
import { openSync, rmSync, writeSync } from 'node:fs';
import koffi from 'koffi';
import { bindTo, openDatagramSocket } from '../libc.ts';

const recv = koffi.load(null).func('long recv(int, void *, size_t, int)');
const MSG_PEEK = 2;
const MSG_TRUNC = 0x20;

const [socketPath = '', journalPath = '', unlink] = process.argv.slice(2);
if (unlink === 'unlink') rmSync(socketPath, { force: true });
const fd = openDatagramSocket();
const errno = bindTo(fd, socketPath);
if (errno !== 0) throw new Error(`bind: errno ${errno}`);
const journal = openSync(journalPath, 'a');
const buffer = Buffer.alloc(70_000);
process.stdout.write('listening\n');
for (;;) {
  const length = Number(recv(fd, buffer, buffer.length, MSG_PEEK));
  writeSync(journal, Buffer.concat([buffer.subarray(0, length), Buffer.from('\n')]));
  recv(fd, buffer, 1, MSG_TRUNC);
}
