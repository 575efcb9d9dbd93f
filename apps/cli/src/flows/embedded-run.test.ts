import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frame } from '@k8s-audit/wazuh-message';
import { createManagerTransport, createPacer, loadReaderFor, paceTransport, readDaemonStatistics } from '@k8s-audit/wazuh-queue';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedReady, type EmbeddedRunOptions, runEmbedded } from './embedded-run.ts';

let home: string;
let stop: AbortController;
let running: Promise<unknown>[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'embedded-'));
  mkdirSync(join(home, 'etc/rules'), { recursive: true });
  copyFileSync(new URL('../../../../fixtures/guide/rules.xml', import.meta.url), join(home, 'etc/rules/local_rules.xml'));
  stop = new AbortController();
  running = [];
});
afterEach(async () => {
  stop.abort();
  await Promise.allSettled(running);
  rmSync(home, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedRunOptions> = {}): Promise<{ ready: EmbeddedReady; ended: ReturnType<typeof runEmbedded> }> {
  const { promise, resolve } = Promise.withResolvers<EmbeddedReady>();
  const ended = runEmbedded({ homeFolder: home, stopSignal: stop.signal, onReady: resolve, onEvent: () => undefined, ...options });
  running.push(ended);
  return { ready: await Promise.race([promise, ended.then(() => Promise.reject(new Error('ended before it was ready')))]), ended };
}

const event = (n: number, verb: string): Buffer => {
  const requestURI = `/api/v1/namespaces/default/pods/${n}`;
  return frame('k8s', `{"kind": "Event", "apiVersion": "audit.k8s.io/v1", "requestURI": "${requestURI}", "verb": "${verb}"}`);
};
const lines = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('the embedded back end behind its socket', () => {
  it('turns what was sent into alerts, by the rules of the home', async () => {
    const { ready } = await start();
    expect(ready).toMatchObject({ home, socket: join(home, 'queue/sockets/queue'), alerts: join(home, 'logs/alerts/alerts.json') });
    const transport = createManagerTransport({ socketPath: ready.socket });
    await transport.send([event(1, 'create'), event(2, 'get'), event(3, 'delete')]);
    await transport.close();
    stop.abort();
    expect(await running[0]).toMatchObject({ received: 3, processed: 3, alertsWritten: 2, archivesWritten: 3 });
    expect(lines(ready.alerts).map((line) => JSON.parse(line).rule.id)).toEqual(['110003', '110004']);
  });

  it('works off what is queued before it stops, however much', async () => {
    const { ready, ended } = await start();
    const transport = createManagerTransport({ socketPath: ready.socket });
    await transport.send(Array.from({ length: 3000 }, (_, n) => event(n, 'create')));
    stop.abort();
    expect(await ended).toMatchObject({ received: 3000, alertsWritten: 3000, unwritten: 0, queued: 0 });
    await transport.close();
    expect(lines(ready.alerts)).toHaveLength(3000);
  });

  it('paces a sender by its own figures, as a real server does', async () => {
    const { ready } = await start();
    const inner = createManagerTransport({ socketPath: ready.socket });
    const readLoad = loadReaderFor(inner.pacing);
    if (readLoad === undefined) throw new Error('no figures');
    const pacer = createPacer({ readLoad, ceilingPerSecond: 1 });
    const transport = paceTransport(inner, pacer);
    expect(await transport.send(Array.from({ length: 500 }, (_, n) => event(n, 'get')))).toEqual({ kind: 'sent' });
    expect(pacer.figures()).toMatchObject({ source: 'getstats', daemonDropped: 0, admitted: 500 });
    expect(await readDaemonStatistics(join(home, 'queue/sockets/analysis'))).toMatchObject({
      kind: 'statistics',
      statistics: { dropped: 0 },
    });
    await transport.close();
  });

  it('does not take the place of one that runs', async () => {
    const { ready } = await start();
    await expect(start()).rejects.toMatchObject({ code: 'CONTROL_SOCKET_FAILED' });
    await expect(start({ homeFolder: join(home, 'other'), socketPath: ready.socket })).rejects.toMatchObject({ code: 'QUEUE_TAKEN' });
  });

  it('does not start with rules that wazuh-analysisd would refuse', async () => {
    writeFileSync(join(home, 'etc/rules/local_rules.xml'), '<group name="x,"><rule id="1000000" level="3"></rule></group>');
    await expect(start()).rejects.toMatchObject({ code: 'RULES_REFUSED' });
  });

  it('ends with the reason when its alerts can never be written', async () => {
    mkdirSync(join(home, 'alerts-is-a-folder'));
    await expect(start({ alertsFile: join(home, 'alerts-is-a-folder') })).rejects.toMatchObject({ code: 'LOG_FILE_UNUSABLE' });
  });
});
