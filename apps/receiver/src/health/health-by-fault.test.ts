/** What must be broken for real to be reported: each brought about at a running receiver, each an alert of the back end with the pack's rules. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createToken, renderTokenFile } from '@k8s-audit/client-access';
import { renderPack } from '@k8s-audit/detections';
import { type EmbeddedWazuh, openEmbeddedWazuh } from '@k8s-audit/embedded-wazuh';
import { createManagerTransport, openQueueReader } from '@k8s-audit/wazuh-queue';
import { startStandInDaemon } from '@k8s-audit/wazuh-queue/testing';
import { afterEach, expect, it } from 'vitest';
import { oneEvent, ReceiverProcess } from '../testing/index.ts';

const DAY_MS = 86_400_000;
const POLL = { timeout: 20_000 };
let receiver: ReceiverProcess;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  await receiver.remove();
  for (const close of closing.splice(0).reverse()) await close();
});

const homeOf = (folder: string): string => join(folder, 'wazuh');
const socketOf = (folder: string): string => join(homeOf(folder), 'queue/sockets/queue');

function writeRules(folder: string): void {
  const rules = join(homeOf(folder), 'etc/rules');
  mkdirSync(rules, { recursive: true });
  for (const [name, text] of renderPack('core')) writeFileSync(join(rules, name), text);
}

/** In the receiver's own process. */
function inside(folder: string): object {
  writeRules(folder);
  return { transport: 'embedded', embedded: { home: homeOf(folder) } };
}

/** A process of its own, as far as the receiver can tell: this one, behind the socket. */
async function openBackEnd(): Promise<EmbeddedWazuh> {
  writeRules(receiver.folder);
  const wazuh = await openEmbeddedWazuh({ homeFolder: homeOf(receiver.folder) });
  closing.push(() => wazuh.close());
  return wazuh;
}

async function attachBackEnd(): Promise<void> {
  const wazuh = await openBackEnd();
  let last = Promise.resolve();
  const reader = await openQueueReader({
    socketPath: socketOf(receiver.folder),
    onMessages: (messages) => {
      const copies = messages.map((each) => Buffer.from(each));
      last = last.then(() => wazuh.process(copies));
    },
  });
  closing.push(async () => {
    await reader.close();
    await last;
  });
}

function problems(): readonly string[] {
  const file = receiver.at('wazuh/logs/alerts/alerts.json');
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { rule: { id: string }; data: { k8s: { health?: { kind: string; state: string } } } })
      .filter(({ data }) => data.k8s.health?.state === 'problem')
      .map(({ rule, data }) => `${rule.id} ${data.k8s.health?.kind}`);
  } catch {
    return [];
  }
}

it('one API server of a heard cluster is silent, one dropped events, and a token has ended', async () => {
  const dropped = { count: 5 };
  receiver = await ReceiverProcess.create((folder) => {
    const { entry } = createToken('old', { nowMs: Date.now() - 10 * DAY_MS, days: 1, randomBytes });
    writeFileSync(join(folder, 'tokens'), renderTokenFile([entry]), { mode: 0o600 });
    const apiServers = [{ url: 'https://127.0.0.1:PORT', cluster: 'prod-eu', apiServer: 'cp-1', authority: join(folder, 'ca.crt') }];
    return {
      wazuh: inside(folder),
      tokens: join(folder, 'tokens'),
      health: { everySeconds: 0.2, scrapeSeconds: 0.2, silentMinutes: 0.05, apiServers },
    };
  });
  const { server } = receiver.certificates;
  const apiServer: Server = createServer({ cert: server.certificatePem, key: server.privateKeyPem }, (_request, response) => {
    response.end(`apiserver_audit_error_total{plugin="webhook"} ${dropped.count}\n`);
    dropped.count += 3;
  });
  closing.push(() => apiServer.close());
  await new Promise<void>((resolve) => apiServer.listen(0, '127.0.0.1', resolve));
  const text = readFileSync(receiver.at('receiver.yaml'), 'utf8').replace('PORT', String((apiServer.address() as AddressInfo).port));
  receiver.write('receiver.yaml', text);
  await receiver.start();
  const agent = await receiver.agent('prod-eu');
  await receiver.post('/prod-eu/cp-1', oneEvent('1'), { agent });

  await expect
    .poll(async () => {
      await receiver.post('/prod-eu/cp-2', oneEvent(String(Math.random())), { agent });
      return problems();
    }, POLL)
    .toEqual(expect.arrayContaining(['118902 apiserver-silent', '118903 apiserver-drops', '118909 certificate-ended']));
}, 60_000);

it('the spool fills up while Wazuh is away, and is full: told before all that waits, when Wazuh is back', async () => {
  receiver = await ReceiverProcess.create((folder) => ({
    spool: { folder: join(folder, 'spool'), maxBytes: '16 MiB', segmentBytes: '1 MiB', warnAtShare: 0.1 },
    wazuh: { socket: socketOf(folder) },
    health: { everySeconds: 0.2 },
  }));
  mkdirSync(join(homeOf(receiver.folder), 'queue/sockets'), { recursive: true });
  await receiver.start();
  const agent = await receiver.agent('prod-eu');
  const large = { level: 'Request', requestObject: { data: 'x'.repeat(900_000) } };
  let status = 200;
  for (let id = 0; status === 200; id++) ({ status } = await receiver.post('/prod-eu', oneEvent(String(id), large), { agent }));
  expect(status).toBe(503);
  await expect.poll(() => receiver.events('health-problem').map(({ kind }) => kind), POLL).toContain('spool-full');
  await attachBackEnd();

  await expect.poll(problems, POLL).toEqual(expect.arrayContaining(['118905 spool-filling', '118906 spool-full']));
}, 60_000);

it('events were lost to damage on the disk, and a log file was taken away before it was read', async () => {
  receiver = await ReceiverProcess.create((folder) => ({
    wazuh: { socket: socketOf(folder) },
    sources: { logs: [{ path: join(folder, 'audit.log'), cluster: 'prod-eu', start: 'beginning' }] },
    health: { everySeconds: 0.2 },
  }));
  mkdirSync(join(homeOf(receiver.folder), 'queue/sockets'), { recursive: true });
  const line = (id: string): string =>
    `${JSON.stringify({ kind: 'Event', level: 'Metadata', auditID: id, stage: 'ResponseComplete', verb: 'get' })}\n`;
  writeFileSync(receiver.at('audit.log'), line('log-1'));
  await receiver.start();
  const agent = await receiver.agent('prod-eu');
  for (let id = 0; id < 20; id++) await receiver.post('/prod-eu', oneEvent(`flip-${id}`), { agent });
  await expect
    .poll(async () => (JSON.parse((await receiver.ask('/books')).text) as { total: { received: number } }).total.received, POLL)
    .toBe(21);
  // Told to stop, it does not wait for a Wazuh that is away.
  const stoppedAtMs = performance.now();
  await receiver.stop();
  expect(performance.now() - stoppedAtMs).toBeLessThan(8_000);

  const folder = receiver.at('spool');
  for (const name of readdirSync(folder).filter((each) => each.startsWith('segment-'))) {
    const bytes = readFileSync(join(folder, name));
    const at = bytes.indexOf('flip-10"');
    if (at < 0) continue;
    bytes[at] = 0x21;
    writeFileSync(join(folder, name), bytes);
  }
  appendFileSync(receiver.at('audit.log'), line('log-2'));
  rmSync(receiver.at('audit.log'));
  writeFileSync(receiver.at('audit.log'), line('log-3'));
  await attachBackEnd();
  await receiver.start();

  await expect.poll(problems, POLL).toEqual(expect.arrayContaining(['118907 spool-damaged', '118914 log-gap']));
}, 60_000);

it('the daemon behind the socket dropped events, ours or others’', async () => {
  receiver = await ReceiverProcess.create((folder) => ({
    wazuh: { socket: join(folder, 'daemon/queue/sockets/queue') },
    health: { everySeconds: 0.2 },
  }));
  const daemon = await startStandInDaemon(receiver.at('daemon'), { drainPerSecond: 0 });
  closing.push(() => daemon.close());
  await receiver.start();
  const agent = await receiver.agent('prod-eu');
  await receiver.post('/prod-eu', oneEvent('1'), { agent });
  // Another sender of that daemon's fills its queue of 16,384.
  const other = createManagerTransport({ socketPath: daemon.socketPath });
  closing.push(() => other.close());
  await expect.poll(async () => (await receiver.ask('/metrics')).text, POLL).toContain('k8s_audit_wazuh_dropped_total 0');
  for (let batch = 0; batch < 170; batch++) await other.send(Array.from({ length: 100 }, () => Buffer.from('1:other:x')));
  expect(daemon.dropped()).toBeGreaterThan(0);
  daemon.drainPerSecond = 100_000;
  // What the daemon works off is judged by the rules.
  const wazuh = await openBackEnd();
  let taken = 0;

  await expect
    .poll(async () => {
      const fresh = daemon.processed.slice(taken).filter((each) => each.includes('"health"'));
      taken = daemon.processed.length;
      await wazuh.process(fresh.map((each) => Buffer.from(each)));
      return problems();
    }, POLL)
    .toContain('118911 wazuh-drops');
}, 60_000);
