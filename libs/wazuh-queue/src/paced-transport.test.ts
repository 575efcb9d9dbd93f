import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frame } from '@k8s-audit/wazuh-message';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDaemonStatistics } from './daemon-statistics.ts';
import { createManagerTransport } from './manager-transport.ts';
import { paceTransport } from './paced-transport.ts';
import { createPacer } from './pacer.ts';
import { loadReaderFor } from './read-load.ts';
import { type StandInDaemon, startStandInDaemon } from './testing/stand-in-daemon.ts';
import type { Transport } from './transport.ts';

let home: string;
let daemon: StandInDaemon;
let transport: Transport;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'paced-'));
});
afterEach(async () => {
  await transport.close();
  await daemon.close();
  rmSync(home, { recursive: true, force: true });
});

const numbered = (count: number): Buffer[] => Array.from({ length: count }, (_, each) => frame('k8s', `{"n": ${each}}`));

function paced(ceilingPerSecond: number): { pacer: ReturnType<typeof createPacer> } {
  const inner = createManagerTransport({ socketPath: daemon.socketPath });
  const readLoad = loadReaderFor(inner.pacing);
  if (readLoad === undefined) throw new Error('a manager can be looked at');
  const pacer = createPacer({ readLoad, ceilingPerSecond });
  transport = paceTransport(inner, pacer);
  return { pacer };
}

describe('sending to a daemon that works off half of what is offered', () => {
  it('drops nothing behind the socket, and keeps the daemon busy', async () => {
    daemon = await startStandInDaemon(home, { drainPerSecond: 20_000 });
    paced(1);
    // As fast as it goes, which is far beyond the drain: unpaced, some 10,000 of these would be dropped (below).
    const offered = numbered(40_000);
    expect(await transport.send(offered)).toEqual({ kind: 'sent' });
    while (daemon.queued() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(daemon.dropped()).toBe(0);
    expect(daemon.processed).toEqual(offered.map(String));
    expect(daemon.fullest()).toBeLessThanOrEqual(8192 + 513);
  });

  it('would lose events without pacing: the stand-in does drop', async () => {
    daemon = await startStandInDaemon(home, { drainPerSecond: 0 });
    transport = createManagerTransport({ socketPath: daemon.socketPath });
    expect(await transport.send(numbered(20_000))).toEqual({ kind: 'sent' });
    const answer = await readDaemonStatistics(join(home, 'queue/sockets/analysis'));
    expect(answer).toMatchObject({ kind: 'statistics', statistics: { queues: { others: { size: 16_384, used: 16_384 } } } });
    expect(daemon.dropped()).toBeGreaterThan(0);
    expect(answer.kind === 'statistics' && answer.statistics.droppedOthers).toBe(daemon.dropped());
  });

  it('keeps to the ceiling where nothing can be asked', async () => {
    daemon = await startStandInDaemon(home, { drainPerSecond: 100_000, answersGetstats: false });
    const { pacer } = paced(1000);
    const startedAt = performance.now();
    expect(await transport.send(numbered(300))).toEqual({ kind: 'sent' });
    expect(pacer.figures()).toMatchObject({ source: 'ceiling' });
    // A busy machine lengthens the whole and shortens the part that the pacer holds: only the whole has a lower bound.
    expect(performance.now() - startedAt).toBeGreaterThan(150);
  });

  it('ends a wait for a full queue when it is closed', async () => {
    daemon = await startStandInDaemon(home, { drainPerSecond: 0 });
    paced(1);
    const sending = transport.send(numbered(10_000));
    while (daemon.queued() < 8192) await new Promise((resolve) => setTimeout(resolve, 5));
    await transport.close();
    const outcome = await sending;
    // Half of the queue, and what had been on its way through the socket when the daemon was looked at.
    expect(outcome).toEqual({ kind: 'stopped', sent: expect.toSatisfy((sent: number) => sent >= 8192 && sent <= 8192 + 513) });
  });

  it('refuses a batch with an oversize message before any of it is sent', async () => {
    daemon = await startStandInDaemon(home, { drainPerSecond: 0 });
    paced(1);
    expect(await transport.send([...numbered(2), Buffer.alloc(65_536)])).toEqual({ kind: 'oversize', indexes: [2] });
    expect(daemon.queued()).toBe(0);
  });
});
