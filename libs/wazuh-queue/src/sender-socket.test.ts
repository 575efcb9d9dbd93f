import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WORD, WORDS, type WorkerOutcome } from './sender-protocol.ts';
import { SenderSocket } from './sender-socket.ts';
import { KernelReader } from './testing/kernel-reader.ts';
import type { TransportState } from './transport.ts';

let folder: string;
let socketPath: string;
let states: TransportState[];
let open: { close?: () => void; die?: () => void }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sender-'));
  socketPath = join(folder, 'queue');
  states = [];
  open = [];
});
afterEach(() => {
  for (const each of open) (each.close ?? each.die)?.call(each);
  rmSync(folder, { recursive: true, force: true });
});

interface Sender {
  readonly socket: SenderSocket;
  /** Sends texts as one batch. */
  send(...texts: string[]): WorkerOutcome;
  giveUp(): void;
}

function sender(options: { lastReader?: string; maxQueuedMessages?: number } = {}): Sender {
  const region = new SharedArrayBuffer(1024 * 1024);
  const lengths = new SharedArrayBuffer(1024);
  const words = new SharedArrayBuffer(WORDS * 4);
  const socket = new SenderSocket(
    { role: 'sender', socketPath, maxQueuedMessages: 513, ...options, region, lengths, words, reader: new SharedArrayBuffer(64) },
    (state) => void states.push(state),
  );
  open.push(socket);
  let sequence = 0;
  return {
    socket,
    send: (...texts) => {
      let offset = 0;
      for (const [index, text] of texts.entries()) {
        const length = Buffer.from(region).write(text, offset);
        new Int32Array(lengths)[index] = length;
        offset += length;
      }
      return socket.send(++sequence, texts.length);
    },
    giveUp: () => Atomics.store(new Int32Array(words), WORD.stop, 1),
  };
}

function reader(replaces = false): KernelReader {
  const made = new KernelReader(socketPath, replaces);
  open.push(made);
  return made;
}

function kill(victim: KernelReader): void {
  victim.die();
  open = open.filter((each) => each !== victim);
}

const identity = (): string => (states.findLast((each) => each.state === 'connected') as { reader: string }).reader;

describe('a reader that dies', () => {
  it('takes with it what it had not read, and the sender says how much at most', () => {
    const first = reader();
    const { send } = sender();
    expect(send('a', 'b', 'c', 'd')).toEqual({ kind: 'sent' });
    expect(first.read()).toBe('a');
    kill(first);
    const second = reader(true);

    expect(send('e')).toEqual({ kind: 'reader-restarted', sent: 0, resendAtLeast: 4 });
    // The caller goes back and sends again, to the new reader.
    expect(send('a', 'b', 'c', 'd', 'e')).toEqual({ kind: 'sent' });
    expect(second.read()).toBe('a');
  });

  it('costs nothing when it was seen alive after it had read everything', () => {
    const first = reader();
    const { send, socket } = sender();
    send('a', 'b');
    first.read();
    first.read();
    socket.watch();
    kill(first);
    const second = reader(true);

    expect(send('c')).toEqual({ kind: 'reader-restarted', sent: 0, resendAtLeast: 0 });
    expect(send('c')).toEqual({ kind: 'sent' });
    expect(second.read()).toBe('c');
  });

  it('is noticed between sends', () => {
    const first = reader();
    const { send, socket } = sender();
    send('a');
    kill(first);
    socket.watch();
    expect(states.at(-1)).toMatchObject({ state: 'waiting', reason: 'absent' });
    reader(true);
    socket.watch();
    expect(states.at(-1)).toMatchObject({ state: 'connected' });
    expect(send('b')).toEqual({ kind: 'reader-restarted', sent: 0, resendAtLeast: 1 });
  });

  it('is not forgotten when the wait for its successor is given up', () => {
    const first = reader();
    const { send, giveUp } = sender();
    send('a');
    kill(first);
    giveUp();
    expect(send('b')).toEqual({ kind: 'stopped', sent: 0 });
    reader(true);
    // A new process of ours: it was told whom the last one sent to.
    expect(sender({ lastReader: identity() }).send('b')).toEqual({ kind: 'reader-restarted', sent: 0, resendAtLeast: 513 });
  });

  it('never takes more than the sender says, whatever the order of things', () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('send' as const),
          sizes: fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 4 }),
        }),
      },
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('read' as const), count: fc.integer({ min: 1, max: 12 }) }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'watch' as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'kill' as const }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        rmSync(socketPath, { force: true });
        let current = new KernelReader(socketPath);
        const { send, socket } = sender();
        states = [];
        let unread = 0;
        let dead = 0;
        let hasDied = false;
        try {
          for (const each of steps) {
            if (each.kind === 'send' && unread + each.sizes.length <= 10) {
              const outcome = send(...each.sizes.map((size) => 'x'.repeat(size)));
              if (outcome.kind === 'reader-restarted') {
                expect(outcome.resendAtLeast).toBeGreaterThanOrEqual(dead);
                expect(outcome.sent).toBe(0);
                expect(hasDied).toBe(true);
              } else {
                expect(outcome).toEqual({ kind: 'sent' });
                expect(hasDied).toBe(false);
                unread += each.sizes.length;
              }
              dead = 0;
              hasDied = false;
            } else if (each.kind === 'read') {
              for (let count = 0; count < each.count; count++) if (current.read() !== undefined) unread--;
            } else if (each.kind === 'watch') socket.watch();
            else if (each.kind === 'kill') {
              current.die();
              // Who was never connected to it does not miss it.
              hasDied ||= states.length > 0;
              dead += unread;
              unread = 0;
              current = new KernelReader(socketPath, true);
            }
          }
        } finally {
          current.die();
          socket.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a restart of ours', () => {
  it('begins with a rewind when the reader has changed meanwhile, by what any queue can hold', () => {
    reader();
    expect(sender({ lastReader: '1:2:3' }).send('a')).toEqual({ kind: 'reader-restarted', sent: 0, resendAtLeast: 513 });
  });

  it('goes on where it was when the reader is the same', () => {
    const still = reader();
    sender().send('a');
    const again = sender({ lastReader: identity(), maxQueuedMessages: 11 });
    expect(again.send('b')).toEqual({ kind: 'sent' });
    expect([still.read(), still.read()]).toEqual(['a', 'b']);
  });

  it('fears for the predecessor’s messages when the same reader then dies unread', () => {
    const same = reader();
    sender().send('a');
    const again = sender({ lastReader: identity(), maxQueuedMessages: 11 });
    again.send('b');
    kill(same);
    reader(true);
    expect(again.send('c')).toEqual({ kind: 'reader-restarted', sent: 0, resendAtLeast: 12 });
  });
});

describe('a path without a reader behind it', () => {
  const reasonAt = (): string => {
    const { socket } = sender();
    socket.watch();
    const state = states.at(-1);
    return state?.state === 'waiting' ? state.reason : 'connected';
  };

  it('that does not exist: absent', () => expect(reasonAt()).toBe('absent'));

  it('in a folder that does not exist: absent', () => {
    socketPath = join(folder, 'no', 'queue');
    expect(reasonAt()).toBe('absent');
  });

  it('whose reader is gone: absent', () => {
    reader().die();
    open = [];
    expect(reasonAt()).toBe('absent');
  });

  it('that is a file: named as such', () => {
    writeFileSync(socketPath, '');
    expect(reasonAt()).toBe('not-a-datagram-socket');
  });

  it('that is a folder: named as such', () => {
    mkdirSync(socketPath);
    expect(reasonAt()).toBe('not-a-datagram-socket');
  });

  it('that is a stream socket: named as such', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    expect(reasonAt()).toBe('not-a-datagram-socket');
    await new Promise((resolve) => server.close(resolve));
  });
});
