/**
 * What a datagram costs on its way to Wazuh: CPU of the whole sending process (all its threads), and messages a second, for our
 * manager transport and for a plain send a message, to the same kind of sink. Both wait for the sink in the kernel; ours
 * besides keeps the main thread free, reconnects, and keeps account of what is unread.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { frame } from '@k8s-audit/wazuh-message';
import { createManagerTransport } from '@k8s-audit/wazuh-queue';
import { type Bench, median } from './bench.ts';
import { openPlainSender } from './plain-sender.ts';

interface Case {
  readonly messageBytes: number;
  readonly batch: number;
  readonly messages: number;
}

interface Measured {
  readonly cpuUsPerMessage: number;
  readonly messagesPerSecond: number;
  /** The longest time in which the main thread could do nothing else. */
  readonly mainThreadHeldMs: number;
}

const CASES: readonly Case[] = [
  { messageBytes: 1340, batch: 1, messages: 20_000 },
  { messageBytes: 1340, batch: 100, messages: 150_000 },
  { messageBytes: 1340, batch: 1000, messages: 150_000 },
  { messageBytes: 9780, batch: 100, messages: 60_000 },
];

export const benchQueue: Bench = async ({ rounds }) => {
  const rows = [];
  for (const each of CASES) {
    const [ours, plain]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      ours.push(await withSink((path) => sendOurs(path, each)));
      plain.push(await withSink((path) => sendPlain(path, each)));
    }
    rows.push({ ...each, ours: medianOf(ours), plain: medianOf(plain) });
  }
  const queueLength = Number(readFileSync('/proc/sys/net/unix/max_dgram_qlen', 'utf8'));
  const figures = {
    readerQueueLength: queueLength,
    rows,
    ratios: Object.fromEntries(
      rows.map((row) => [`cpu plain/ours ${row.messageBytes} B x ${row.batch}`, row.plain.cpuUsPerMessage / row.ours.cpuUsPerMessage]),
    ),
  };
  return { text: render(rows, queueLength, rounds), figures };
};

async function sendOurs(path: string, { messageBytes, batch, messages }: Case): Promise<Measured> {
  const transport = createManagerTransport({ socketPath: path });
  const datagrams = Array.from({ length: batch }, () => messageOf(messageBytes));
  await transport.send(datagrams);
  const measured = await measure(messages, async () => {
    for (let sent = 0; sent < messages; sent += batch) await transport.send(datagrams);
  });
  await transport.close();
  return measured;
}

async function sendPlain(path: string, { messageBytes, batch, messages }: Case): Promise<Measured> {
  const sender = openPlainSender(path);
  const datagrams = Array.from({ length: batch }, () => messageOf(messageBytes));
  sender.send(messageOf(messageBytes));
  const measured = await measure(messages, async () => {
    for (let sent = 0; sent < messages; sent += batch) for (const each of datagrams) sender.send(each);
  });
  sender.close();
  return measured;
}

async function measure(messages: number, work: () => Promise<void>): Promise<Measured> {
  let lastTickMs = performance.now();
  let heldMs = 0;
  const tick = setInterval(() => {
    const nowMs = performance.now();
    heldMs = Math.max(heldMs, nowMs - lastTickMs);
    lastTickMs = nowMs;
  }, 1);
  const startedMs = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  const elapsedMs = performance.now() - startedMs;
  // A timer that is due comes after the work that held it up.
  await new Promise((resolve) => setTimeout(resolve, 2));
  clearInterval(tick);
  return {
    cpuUsPerMessage: (user + system) / messages,
    messagesPerSecond: (messages / elapsedMs) * 1000,
    mainThreadHeldMs: Math.max(heldMs, performance.now() - lastTickMs),
  };
}

async function withSink(work: (socketPath: string) => Promise<Measured>): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'queue-bench-'));
  const path = join(folder, 'queue');
  const sink: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL('./queue-sink.ts', import.meta.url)), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(sink.stdout as NodeJS.ReadableStream, 'data');
    return await work(path);
  } finally {
    const ended = once(sink, 'exit');
    sink.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

function messageOf(bytes: number): Buffer {
  return frame('k8s', `{"kind": "Event", "pad": "${'x'.repeat(bytes - 33)}"}`);
}

function medianOf(all: readonly Measured[]): Measured {
  return {
    cpuUsPerMessage: median(all.map((each) => each.cpuUsPerMessage)),
    messagesPerSecond: median(all.map((each) => each.messagesPerSecond)),
    mainThreadHeldMs: median(all.map((each) => each.mainThreadHeldMs)),
  };
}

function render(rows: readonly (Case & { ours: Measured; plain: Measured })[], queueLength: number, rounds: number): string {
  const line = (cells: readonly string[]): string => cells.map((cell, at) => (at === 0 ? cell.padEnd(16) : cell.padStart(14))).join('');
  const body = rows.map(({ messageBytes, batch, ours, plain }) =>
    line([
      `${messageBytes} B x ${batch}`,
      ours.cpuUsPerMessage.toFixed(2),
      plain.cpuUsPerMessage.toFixed(2),
      (plain.cpuUsPerMessage / ours.cpuUsPerMessage).toFixed(2),
      Math.round(ours.messagesPerSecond).toLocaleString('en'),
      Math.round(plain.messagesPerSecond).toLocaleString('en'),
      ours.mainThreadHeldMs.toFixed(0),
      plain.mainThreadHeldMs.toFixed(0),
    ]),
  );
  return [
    `Datagrams to Wazuh's queue: median of ${rounds} rounds, reader's queue length ${queueLength}, sink on the same machine.`,
    line(['message x batch', 'ours us CPU', 'plain us CPU', 'plain/ours', 'ours msg/s', 'plain msg/s', 'ours held ms', 'plain held ms']),
    ...body,
  ].join('\n');
}
