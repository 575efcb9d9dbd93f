import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeSocket, connectTo, openDatagramSocket, sendMessages, setTimeouts } from './libc.ts';
import { MessageVector } from './message-vector.ts';
import { openQueueReader, type QueueReader, type QueueReaderOptions } from './queue-reader.ts';
import { readSocketIdentity } from './socket-identity.ts';
import { KernelReader } from './testing/kernel-reader.ts';

let folder: string;
let socketPath: string;
let readers: QueueReader[];
let descriptors: number[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reader-'));
  socketPath = join(folder, 'queue');
  [readers, descriptors] = [[], []];
});
afterEach(async () => {
  for (const each of readers) await each.close();
  for (const each of descriptors) closeSocket(each);
  rmSync(folder, { recursive: true, force: true });
});

async function open(onMessages: QueueReaderOptions['onMessages'] = () => {}, onError?: (error: unknown) => void): Promise<QueueReader> {
  const made = await openQueueReader({ socketPath, onMessages, ...(onError ? { onError } : {}) });
  readers.push(made);
  return made;
}

/** A plain client, as any program that writes to Wazuh's queue. */
function connect(): (message: Uint8Array) => boolean {
  const fd = openDatagramSocket();
  descriptors.push(fd);
  expect(connectTo(fd, socketPath)).toBe(0);
  setTimeouts(fd, 10);
  const region = Buffer.alloc(200_000);
  const vector = new MessageVector(region, 1);
  return (message) => {
    region.set(message);
    vector.point(0, 0, message.length);
    return sendMessages(fd, vector.headersFrom(0), 1) === 1;
  };
}

describe('the queue reader', () => {
  it('hands over every message, in order', async () => {
    const got: number[] = [];
    const reader = await open((messages) => void got.push(...messages.map((each) => Number(Buffer.from(each).toString()))));
    const send = connect();
    for (let each = 0; each < 3000; each++) while (!send(Buffer.from(String(each)))) await new Promise((resolve) => setImmediate(resolve));
    await reader.close();
    expect(got).toEqual(Array.from({ length: 3000 }, (_, each) => each));
  });

  it('cuts a datagram where wazuh-analysisd cuts it', async () => {
    const got: Uint8Array[] = [];
    const reader = await open((messages) => void got.push(...messages));
    const send = connect();
    for (const length of [0, 1, 65_534, 65_535, 65_536, 70_000, 150_000]) expect(send(Buffer.alloc(length, 'x'))).toBe(true);
    await reader.close();
    expect(got.map((each) => each.length)).toEqual([0, 1, 65_534, 65_535, 65_535, 65_535, 65_535]);
  });

  it('reads no further while its messages are not worked off: senders wait, nothing is dropped, nothing grows', async () => {
    const got: Uint8Array[] = [];
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const reader = await open(async (messages) => {
      got.push(...messages);
      await held;
    });
    const send = connect();
    let taken = 0;
    while (send(Buffer.from(String(taken)))) taken++;
    // Four batches of at most 256 with the main thread, one in the worker’s hands, and what the kernel’s queue holds.
    expect(taken).toBeLessThanOrEqual(5 * 256 + 513);
    letGo();
    await reader.close();
    expect(got.map((each) => Buffer.from(each).toString())).toEqual(Array.from({ length: taken }, (_, each) => String(each)));
  });

  it('may be written to by its user and its group alone', async () => {
    await open();
    expect(statSync(socketPath).mode & 0o777).toBe(0o660);
  });

  it('takes its socket away when it closes, but not its successor’s', async () => {
    const first = await open();
    expect(first.identity).toBe(readSocketIdentity(socketPath));
    rmSync(socketPath);
    const second = await open();
    await first.close();
    expect(readSocketIdentity(socketPath)).toBe(second.identity);
    await second.close();
    expect(existsSync(socketPath)).toBe(false);
  });

  it('takes the place of a reader that is gone', async () => {
    new KernelReader(socketPath).die();
    await open();
    expect(connect()(Buffer.from('x'))).toBe(true);
  });

  it('leaves the place to a reader that lives', async () => {
    const living = new KernelReader(socketPath);
    const told: unknown[] = [];
    await expect(open(undefined, (error) => told.push(error))).rejects.toMatchObject({ code: 'QUEUE_TAKEN' });
    expect(told).toEqual([]);
    connect()(Buffer.from('still mine'));
    expect(living.read()).toBe('still mine');
    living.die();
  });

  it('leaves a stream socket to its server, and a file to its owner', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    await expect(open()).rejects.toMatchObject({ code: 'QUEUE_TAKEN' });
    await new Promise((resolve) => server.close(resolve));
    writeFileSync(socketPath, 'precious');
    await expect(open()).rejects.toMatchObject({ code: 'QUEUE_BIND_FAILED' });
    expect(existsSync(socketPath)).toBe(true);
  });

  it('says that it cannot be where there is no folder', async () => {
    socketPath = join(folder, 'no', 'queue');
    await expect(open()).rejects.toMatchObject({ code: 'QUEUE_BIND_FAILED' });
  });

  it('ends, and says why, when its messages cannot be worked off', async () => {
    const told = new Promise((resolve) => {
      void open(() => {
        throw new Error('disk full');
      }, resolve).then(() => connect()(Buffer.from('x')));
    });
    expect(await told).toMatchObject({ message: 'disk full' });
  });
});

describe('permissions', () => {
  const attempt = fileURLToPath(new URL('./testing/connect-attempt.ts', import.meta.url));
  // Root may write to everything, so another user must try; that is possible only for root.
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

  it('keep a sender waiting that is not in the socket’s group, and it says so', () => {
    chmodSync(folder, 0o755);
    const reader = new KernelReader(socketPath);
    chmodSync(socketPath, process.getuid?.() === 0 ? 0o660 : 0o000);
    const run = spawnSync(process.execPath, [attempt, socketPath], { ...asNobody, encoding: 'utf8' });
    reader.die();
    expect(JSON.parse(run.stdout)).toMatchObject({ kind: 'refused', reason: 'not-permitted' });
  });
});
