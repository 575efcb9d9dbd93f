/** Each kind of trouble on its way to Wazuh: a real receiver, the built-in back end with the rules of the pack, alerts.json. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { issueServerCertificate } from '@k8s-audit/certs';
import { renderPack } from '@k8s-audit/detections';
import { afterEach, expect, it } from 'vitest';
import { oneEvent, ReceiverProcess } from '../testing/index.ts';

interface Alert {
  readonly rule: { readonly id: string; readonly level: number; readonly description: string };
  readonly agent: { readonly name: string };
  readonly location: string;
  readonly data: { readonly k8s: { readonly cluster?: string; readonly health?: { readonly kind: string; readonly state: string } } };
}

const DAY_MS = 86_400_000;
let receiver: ReceiverProcess;
let apiServer: Server | undefined;
afterEach(async () => {
  apiServer?.close();
  await receiver.remove();
});

function withRules(folder: string): object {
  const rules = join(folder, 'wazuh/etc/rules');
  mkdirSync(rules, { recursive: true });
  for (const [name, text] of renderPack('core')) writeFileSync(join(rules, name), text);
  return { transport: 'embedded', embedded: { home: join(folder, 'wazuh') } };
}

function alerts(): readonly Alert[] {
  try {
    const lines = readFileSync(receiver.at('wazuh/logs/alerts/alerts.json'), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Alert).filter(({ rule }) => Number(rule.id) >= 118_900);
  } catch {
    return [];
  }
}

const summary = (): readonly string[] => alerts().map(({ rule, data }) => `${rule.id} ${data.k8s.health?.kind} ${data.k8s.health?.state}`);

it('reaches Wazuh from a receiver in trouble, each with its own rule, once, and again when it is over', async () => {
  let dropped = 5;
  receiver = await ReceiverProcess.create((folder) => ({
    wazuh: withRules(folder),
    migration: { addresses: ['127.0.0.1'], cluster: 'old', until: new Date(Date.now() + DAY_MS).toISOString().slice(0, 10) },
    health: {
      receiver: 'audit-1',
      everySeconds: 0.5,
      silentMinutes: 0.05,
      apiServers: [{ url: 'https://127.0.0.1:PORT', cluster: 'prod-eu', apiServer: 'cp-1', authority: `${folder}/ca.crt` }],
    },
  }));
  const { server: pair, authority } = receiver.certificates;
  apiServer = createServer({ cert: pair.certificatePem, key: pair.privateKeyPem }, (_request, response) => {
    response.end(`apiserver_audit_error_total{plugin="webhook"} ${dropped}\n`);
    dropped += 3;
  });
  await new Promise<void>((resolve) => apiServer?.listen(0, '127.0.0.1', resolve));
  const { port } = apiServer.address() as AddressInfo;
  const ending = await issueServerCertificate(authority, ['127.0.0.1'], { nowMs: Date.now(), days: 5 });
  receiver.write('server.crt', ending.certificatePem);
  receiver.write('server.key', ending.privateKeyPem);
  const text = readFileSync(receiver.at('receiver.yaml'), 'utf8').replace('PORT', String(port));
  receiver.write('receiver.yaml', text);
  await receiver.start();
  const agent = await receiver.agent('prod-eu');
  expect((await receiver.post('/prod-eu/cp-1', oneEvent('1', { stageTimestamp: '2020-01-01T00:00:00.000000Z' }), { agent })).status).toBe(
    200,
  );
  expect((await receiver.post('/prod-us', oneEvent('2'), { agent })).status).toBe(403);
  receiver.write('receiver.yaml', 'listen: {');
  receiver.signal('SIGHUP');

  await expect
    .poll(summary, { timeout: 15_000 })
    .toEqual(
      expect.arrayContaining([
        '118912 migration-open problem',
        '118908 certificate-ending problem',
        '118904 clients-refused problem',
        '118910 events-late problem',
        '118913 configuration-stale problem',
        '118901 cluster-silent problem',
      ]),
    );
  receiver.write('receiver.yaml', text);
  receiver.signal('SIGHUP');
  expect((await receiver.post('/prod-eu/cp-1', oneEvent('3'), { agent })).status).toBe(200);
  await expect
    .poll(summary, { timeout: 15_000 })
    .toEqual(expect.arrayContaining(['118990 configuration-stale resolved', '118990 cluster-silent resolved']));

  const silent = alerts().find(({ rule }) => rule.id === '118901');
  expect(silent).toMatchObject({ agent: { name: 'prod-eu' }, location: 'k8s', rule: { level: 12 }, data: { k8s: { cluster: 'prod-eu' } } });
  expect(summary().filter((each) => each.endsWith('problem')).length).toBe(
    new Set(summary().filter((each) => each.endsWith('problem'))).size,
  );
  const { text: metrics } = await receiver.ask('/metrics');
  expect(metrics).toContain('k8s_audit_health_problems{kind="migration-open"} 1');
  expect(metrics).toContain('k8s_audit_health_events_total{kind="clients-refused",state="problem"} 1');
  // The books are of audit events alone.
  expect(JSON.parse((await receiver.ask('/books')).text)).toMatchObject({ total: { received: 2, delivered: 2, spooled: 0 } });
}, 60_000);

it('remembers across a restart who was heard', async () => {
  receiver = await ReceiverProcess.create((folder) => ({ wazuh: withRules(folder), health: { everySeconds: 0.5, silentMinutes: 0.05 } }));
  await receiver.start();
  expect((await receiver.post('/prod-eu', oneEvent('1'), { agent: await receiver.agent('prod-eu') })).status).toBe(200);
  await receiver.stop();
  await receiver.start();

  await expect.poll(summary, { timeout: 15_000 }).toContain('118901 cluster-silent problem');
}, 30_000);
