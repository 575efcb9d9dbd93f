import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderPack } from '@k8s-audit/detections';
import { frame, PLAIN_LOCATION } from '@k8s-audit/wazuh-message';
import { type StandInDaemon, startStandInDaemon } from '@k8s-audit/wazuh-queue/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfiguration, type WazuhSettings } from './configuration.ts';
import { FaultCounts } from './fault-counts.ts';
import { createLogger, type Logger } from './log.ts';
import { describeTransport, type OpenedTransport, openTransport } from './open-transport.ts';

let folder: string;
let lines: string[];
let log: Logger;
let opened: OpenedTransport | undefined;
let daemon: StandInDaemon | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-transport-'));
  lines = [];
  log = createLogger({ level: 'info', format: 'json' }, { write: (line) => void lines.push(line) });
});
afterEach(async () => {
  await opened?.transport.close();
  await daemon?.close();
  [opened, daemon] = [undefined, undefined];
  rmSync(folder, { recursive: true, force: true });
});

function settings(wazuh: object): WazuhSettings {
  const tls = { certificate: 'a', key: 'b', clientAuthority: 'c' };
  return parseConfiguration(JSON.stringify({ tls, spool: { folder }, wazuh })).wazuh;
}

const logged = (event: string): object[] => lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
const messages = (count: number): Buffer[] => Array.from({ length: count }, (_, n) => frame(PLAIN_LOCATION, `{"n": ${n}}`));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the transport', () => {
  it.each(['manager', 'agent'])('%s goes to the socket and says what it goes by', async (transport) => {
    daemon = await startStandInDaemon(folder, { drainPerSecond: 100_000 });
    const wazuh = settings({ transport, socket: daemon.socketPath });
    opened = await openTransport(wazuh, '', { log, faults: new FaultCounts() });

    expect(await opened.transport.send(messages(3))).toEqual({ kind: 'sent' });
    await until(() => daemon?.processed.length === 3);
    expect(describeTransport(opened.transport, wazuh)).toEqual(
      transport === 'manager'
        ? {
            transport,
            maxDatagramBytes: 65_535,
            pacing: `getstats on ${folder}/queue/sockets/analysis, or ${folder}/var/run/wazuh-analysisd.state, else at most 1000 events a second`,
            lossAfterUs: expect.stringContaining('wazuh-analysisd'),
          }
        : {
            transport,
            maxDatagramBytes: 65_000,
            pacing: `msg_buffer in ${folder}/var/run/wazuh-agentd.state, else at most 500 events a second`,
            lossAfterUs: expect.stringContaining('client_buffer'),
          },
    );
    expect(opened.figures()).toMatchObject({ name: transport, state: { state: 'connected' } });
  });

  it('paces by the daemon’s own figures, and tells its drops as its own', async () => {
    daemon = await startStandInDaemon(folder, { drainPerSecond: 0 });
    opened = await openTransport(settings({ socket: daemon.socketPath }), '', { log, faults: new FaultCounts() });
    await opened.transport.send(messages(1));
    expect(opened.figures().pacing).toMatchObject({ source: 'getstats', daemonDropped: 0 });

    // Somebody else floods the daemon: it drops, and says so when it is asked the next time.
    const { transport: other } = await openTransport(
      settings({ transport: 'agent', socket: daemon.socketPath, pacing: { ceilingPerSecond: 1e6 } }),
      '',
      { log, faults: new FaultCounts() },
    );
    await other.send(messages(20_000));
    await other.close();
    // Its queue holds 16,384; one lay there already.
    await until(() => opened?.figures().pacing?.daemonDropped === 20_001 - 16_384);
    const told = logged('wazuh-dropped') as { readonly level: string; readonly events: number }[];
    expect(told.reduce((sum, { events }) => sum + events, 0)).toBe(20_001 - 16_384);
    expect(told[0]?.level).toBe('warn');
    expect(opened.figures().pacing?.queueUsage).toBe(1);
  });

  it('keeps to the ceiling where nothing can be asked, and says so', async () => {
    daemon = await startStandInDaemon(folder, { drainPerSecond: 100_000, answersGetstats: false });
    opened = await openTransport(settings({ socket: daemon.socketPath, pacing: { ceilingPerSecond: 1000 } }), '', {
      log,
      faults: new FaultCounts(),
    });
    const startedAt = performance.now();
    await opened.transport.send(messages(300));

    // 100 at once, the rest a thousand a second.
    expect(performance.now() - startedAt).toBeGreaterThan(150);
    expect(opened.figures().pacing).toMatchObject({ source: 'ceiling' });
    expect(logged('pacing-ceiling')).toEqual([
      expect.objectContaining({ level: 'warn', ceilingPerSecond: 1000, reason: expect.stringContaining('analysis') }),
    ]);
  });

  it('file writes one event a line, without the queue’s header', async () => {
    const wazuh = settings({ transport: 'file', file: { path: join(folder, 'events.json') } });
    opened = await openTransport(wazuh, '', { log, faults: new FaultCounts() });
    await opened.transport.send(messages(2));

    expect(readFileSync(join(folder, 'events.json'), 'utf8')).toBe('{"n": 0}\n{"n": 1}\n');
    expect(describeTransport(opened.transport, wazuh)).toMatchObject({ pacing: 'none: as fast as the file takes it' });
  });

  it('embedded judges in this process', async () => {
    const home = join(folder, 'ossec');
    mkdirSync(join(home, 'etc/rules'), { recursive: true });
    for (const [name, text] of renderPack('core')) writeFileSync(join(home, 'etc/rules', name), text);
    const wazuh = settings({ transport: 'embedded', embedded: { home } });
    opened = await openTransport(wazuh, '', { log, faults: new FaultCounts() });
    await opened.transport.send(messages(2));

    const archived = readFileSync(join(home, 'logs/archives/archives.json'), 'utf8').trimEnd().split('\n');
    expect(archived.map((line) => JSON.parse(line).full_log)).toEqual(['{"n": 0}', '{"n": 1}']);
    expect(logged('embedded-rules-loaded')).toHaveLength(1);
    expect(describeTransport(opened.transport, wazuh)).toMatchObject({ pacing: 'the transport waits for its reader' });
  });

  it.each([
    ['file', 'wazuh.file.path: the transport `file` needs it'],
    ['embedded', 'wazuh.embedded.home: the transport `embedded` needs it'],
  ])('%s is refused without its place', (transport, part) => {
    expect(() => settings({ transport })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining(part) }),
    );
  });
});
