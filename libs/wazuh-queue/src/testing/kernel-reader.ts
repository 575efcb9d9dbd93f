/**
 * A reader in the test's own thread, for tests that decide when each message is read: the same system calls as the real
 * one, without its worker. Reading where nothing lies gives undefined.
 */
import { unlinkSync } from 'node:fs';
import { bindTo, closeSocket, openDatagramSocket, receiveMessages } from '../libc.ts';
import { MessageVector } from '../message-vector.ts';

export class KernelReader {
  private readonly fd: number = openDatagramSocket();
  private readonly region = Buffer.alloc(70_000);
  private readonly vector: MessageVector = new MessageVector(this.region, 1);

  /** Replaces whatever socket is at the path. */
  constructor(path: string, replaces = false) {
    if (replaces) unlinkSync(path);
    const errno = bindTo(this.fd, path);
    if (errno !== 0) throw new Error(`bind: errno ${errno}`);
    this.vector.point(0, 0, this.region.length);
  }

  read(): string | undefined {
    if (receiveMessages(this.fd, this.vector.headersFrom(0), 1, true) <= 0) return undefined;
    return this.region.toString('utf8', 0, this.vector.receivedLength(0));
  }

  /** As a SIGKILL leaves it: the file stays, what was queued is gone. */
  die(): void {
    closeSocket(this.fd);
  }
}
