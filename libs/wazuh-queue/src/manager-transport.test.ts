import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frame } from '@k8s-audit/wazuh-message';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatagramTransportOptions } from './datagram-transport.ts';
import { createManagerTransport } from './manager-transport.ts';
import { openQueueReader, type QueueReader } from './queue-reader.ts';
import { readSocketIdentity } from './socket-identity.ts';
import { KernelReader } from './testing/kernel-reader.ts';
import { killProcess, startReaderProcess } from './testing/processes.ts';
import type { Transport, TransportState } from './transport.ts';

let folder: string;
let socketPath: string;
let journalPath: string;
let states: TransportState[];
let stateWaiters: (() => void)[];
let transports: Transport[];
let readers: QueueReader[];
let processes: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'manager-'));
  socketPath = join(folder, 'queue');
  journalPath = join(folder, 'journal');
  [states, stateWaiters, transports, readers, processes] = [[], [], [], [], []];
});
afterEach(async () => {
  for (const each of processes) await killProcess(each);
  for (const each of transports) await each.close();
  for (const each of readers) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

function transport(options: Partial<DatagramTransportOptions> = {}): Transport {
  const onState = (state: TransportState): void => {
    states.push(state);
    for (const each of stateWaiters.splice(0)) each();
  };
  const made = createManagerTransport({ socketPath, onState, ...options });
  transports.push(made);
  return made;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => stateWaiters.push(resolve));
}

const isWaitingFor = (reason: string): boolean => states.some((each) => each.state === 'waiting' && each.reason === reason);

async function reader(got: string[]): Promise<QueueReader> {
  const made = await openQueueReader({
    socketPath,
    onMessages: (messages) => void got.push(...messages.map((each) => Buffer.from(each).toString())),
  });
  readers.push(made);
  return made;
}

async function readerProcess(unlinks = false): Promise<ChildProcess> {
  const child = await startReaderProcess(socketPath, journalPath, unlinks);
  processes.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  processes = processes.filter((each) => each !== child);
  await killProcess(child);
}

const journal = (): string[] => readFileSync(journalPath, 'utf8').trimEnd().split('\n');
const numbered = (from: number, to: number): Buffer[] =>
  Array.from({ length: to - from }, (_, each) =>
    frame('k8s', `{"n": ${from + each}, "pad": "${'x'.repeat(((from + each) * 37) % 3000)}"}`),
  );
const numberOf = (text: string): number => Number(/"n": (\d+)/.exec(text)?.[1]);

describe('the manager transport', () => {
  it('waits for a reader that is not there yet, then sends all, in order, unchanged', async () => {
    const sending = transport().send(numbered(0, 5000));
    await until(() => isWaitingFor('absent'));
    const got: string[] = [];
    const { identity } = await reader(got);
    expect(await sending).toEqual({ kind: 'sent' });
    expect(transports[0]?.reader).toBe(identity);
    await readers[0]?.close();
    expect(got).toEqual(numbered(0, 5000).map((each) => each.toString()));
  });

  it('sends what is longer than its shared memory in parts', async () => {
    const got: string[] = [];
    await reader(got);
    const big = frame('k8s', 'x'.repeat(65_529));
    expect(await transport().send(Array.from({ length: 100 }, () => big))).toEqual({ kind: 'sent' });
    await readers[0]?.close();
    expect(got).toHaveLength(100);
    expect(new Set(got)).toEqual(new Set([big.toString()]));
  });

  it('serves calls in the order in which they came', async () => {
    const got: string[] = [];
    await reader(got);
    const made = transport();
    await Promise.all([made.send(numbered(0, 10)), made.send([]), made.send(numbered(10, 20)), made.send(numbered(20, 30))]);
    await readers[0]?.close();
    expect(got.map(numberOf)).toEqual(Array.from({ length: 30 }, (_, each) => each));
  });

  it('refuses what Wazuh would cut, and sends nothing of that batch', async () => {
    const got: string[] = [];
    await reader(got);
    const made = transport();
    const longest = Buffer.alloc(65_535, 'x');
    const tooLong = Buffer.alloc(65_536, 'x');
    expect(await made.send([longest, tooLong, longest, tooLong])).toEqual({ kind: 'oversize', indexes: [1, 3] });
    expect(await made.send([longest])).toEqual({ kind: 'sent' });
    await readers[0]?.close();
    expect(got.map((each) => each.length)).toEqual([65_535]);
  });

  it('waits while the reader does not read, says so, and goes on without a loss', async () => {
    const child = await readerProcess();
    const made = transport();
    await made.send(numbered(0, 1));
    child.kill('SIGSTOP');
    const sending = made.send(numbered(1, 2000));
    await until(() => isWaitingFor('stalled'));
    child.kill('SIGCONT');
    expect(await sending).toEqual({ kind: 'sent' });
    await made.close();
    await drained(2000);
    expect(journal().map(numberOf)).toEqual(Array.from({ length: 2000 }, (_, each) => each));
  });

  it('ends a wait by its signal, and tells how much was taken', async () => {
    const child = await readerProcess();
    child.kill('SIGSTOP');
    const abort = new AbortController();
    const sending = transport().send(numbered(0, 2000), { signal: abort.signal });
    await until(() => isWaitingFor('stalled'));
    abort.abort();
    const outcome = await sending;
    child.kill('SIGCONT');
    expect(outcome).toMatchObject({ kind: 'stopped' });
    await drained(outcome.kind === 'stopped' ? outcome.sent : Number.NaN);
  });

  it('ends every wait when it is closed, also for calls that come later', async () => {
    const made = transport();
    const [first, second] = [made.send(numbered(0, 3)), made.send(numbered(3, 4))];
    await until(() => isWaitingFor('absent'));
    await made.close();
    expect(await Promise.all([first, second, made.send(numbered(4, 5))])).toEqual(Array(3).fill({ kind: 'stopped', sent: 0 }));
  });

  it('loses nothing when its reader is killed and restarted, again and again, if the caller goes back as told', async () => {
    const total = 6000;
    let child = await readerProcess();
    const made = transport();
    let cursor = 0;
    let restarts = 0;
    let resent = 0;
    for (let batches = 0; cursor < total; batches++) {
      if (batches % 30 === 20) {
        // The old reader dies at any moment of the send; its successor takes the path over.
        const dying = child;
        setImmediate(() => void dying.kill('SIGKILL'));
        processes = processes.filter((each) => each !== dying);
        void readerProcess(true).then((next) => {
          child = next;
        });
      }
      const batch = numbered(cursor, Math.min(total, cursor + 43));
      const outcome = await made.send(batch);
      if (outcome.kind === 'sent') cursor += batch.length;
      else if (outcome.kind === 'reader-restarted') {
        restarts++;
        const back = Math.max(0, cursor + outcome.sent - outcome.resendAtLeast);
        resent += cursor + outcome.sent - back;
        cursor = back;
      } else throw new Error(outcome.kind);
    }
    await made.close();
    await untilJournalled(total - 1);
    const seen = new Set(journal().map(numberOf));
    expect(seen.size).toBe(total);
    expect(restarts).toBeGreaterThan(0);
    // A rewind is bounded: by two system calls of 64 and what a queue holds, not by the whole past.
    expect(resent).toBeLessThanOrEqual(restarts * (128 + 513));
  });

  it('goes on without a word when a reader that had read everything made place for another', async () => {
    let current = new KernelReader(socketPath);
    const made = transport();
    const outcomes: string[] = [];
    // The longer it is quiet before the change, the surer has the worker looked; a busy machine gets its chances.
    for (let quietMs = 100; quietMs <= 3200 && outcomes.at(-1) !== 'sent'; quietMs *= 2) {
      await made.send(numbered(0, 5));
      while (current.read() !== undefined);
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      current.die();
      current = new KernelReader(socketPath, true);
      const outcome = await made.send(numbered(5, 7));
      outcomes.push(outcome.kind);
      expect(outcome.kind === 'sent' ? 0 : (outcome as { resendAtLeast: number }).resendAtLeast).toBeLessThanOrEqual(7);
    }
    expect(outcomes.at(-1)).toBe('sent');
    expect(numberOf(current.read() ?? '')).toBe(5);
    current.die();
  });

  it('names the reader that its caller knows of, not one whose predecessor’s loss is still untold', async () => {
    const first = new KernelReader(socketPath);
    const made = transport();
    expect(made.reader).toBeUndefined();
    await made.send(numbered(0, 3));
    const old = made.reader;
    expect(old).toBe(readSocketIdentity(socketPath));
    first.die();
    const second = new KernelReader(socketPath, true);
    // The worker finds the new one by itself, in its idle time.
    await until(() => states.some((each) => each.state === 'connected' && each.reader !== old));
    expect(made.reader).toBe(old);
    expect(await made.send(numbered(3, 4))).toEqual({ kind: 'reader-restarted', sent: 0, resendAtLeast: 3 });
    expect(made.reader).toBe(readSocketIdentity(socketPath));
    second.die();
  });

  it('adds what the daemon had read and not worked off to what must be sent again', async () => {
    const child = await readerProcess();
    const made = transport({ daemonBacklog: () => 1000 });
    await made.send(numbered(0, 1));
    await kill(child);
    await readerProcess(true);
    const outcome = await made.send(numbered(1, 2));
    // Whether the one message was read before the kill is the scheduler's choice.
    expect(outcome).toMatchObject({ kind: 'reader-restarted', sent: 0 });
    expect(outcome.kind === 'reader-restarted' && outcome.resendAtLeast - 1000).toBeOneOf([0, 1]);
  });
});

async function drained(count: number): Promise<void> {
  while (journal().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function untilJournalled(number: number): Promise<void> {
  while (!journal().some((each) => numberOf(each) === number)) await new Promise((resolve) => setTimeout(resolve, 20));
}
