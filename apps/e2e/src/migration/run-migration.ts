/**
 * One run, from top to bottom: a Wazuh server that was set up by the guide, a real API server that posts to it as the guide says, and the
 * steps of a migration and back, while requests go on. In the end everything that the API server has made must be in the archive.
 */
import assert from 'node:assert/strict';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@k8s-audit/failure';
import { findFreePorts } from '@k8s-audit/testbed';
import { USER_RULE } from '@k8s-audit/wazuh-server/testing';
import { type ApiClient, createApiClient } from '../api-client.ts';
import type { RunningCluster } from '../cluster.ts';
import { countArchived, eventKey } from '../event-key.ts';
import { eventually } from '../eventually.ts';
import { embeddedRun, wazuhMigrate, wazuhSettle, wazuhUninstall } from '../product.ts';
import type { CommandOutcome, ProductCommand } from '../product-process.ts';
import type { StepResult } from '../report.ts';
import { ResultBook } from '../result-book.ts';
import type { RunOptions } from '../run-scenarios.ts';
import { createTrail, type Trail } from '../trail.ts';
import type { WazuhEntry } from '../wazuh-entry.ts';
import { followHome } from '../wazuh-home.ts';
import { startWazuhHost, type WazuhHost } from './wazuh-host.ts';

const SCENARIO = 'migration';
const GUIDE_FILES = join(import.meta.dirname, '../../../../fixtures/guide');
/** An API server that found the port closed asks again after 10 and after 28 s; the rest is a loaded machine's. */
const EVENT_WITHIN_MS = 90_000;
/** It has to evaluate what still lies in its queue before it goes. */
const STOP_GRACE_MS = 60_000;
const GUIDE_UNIT = 'wazuh-webhook.service';
const POLL_MS = 5;
const REQUEST_EVERY_MS = 50;
const AROUND_MS = 500;
/**
 * One event a batch, as the guide has it. Without its throttle of ten batches a second: an API server's own start makes 700 events, and a
 * test waits less. Retries are kube-apiserver's own.
 */
const GUIDE_FLAGS = ['--audit-webhook-batch-max-size=1', '--audit-webhook-batch-throttle-enable=false'];

/** What stands while the steps run. */
interface Ground {
  readonly host: WazuhHost;
  readonly cluster: RunningCluster;
  readonly admin: ApiClient;
  readonly trail: Trail;
  alerts(): Promise<readonly WazuhEntry[]>;
  /** Ends API server, services and back end, in this order; later calls do nothing. */
  end(): Promise<Ended>;
}

interface Ended {
  /** What did not end well. */
  readonly complaints: readonly string[];
  /** Everything that Wazuh was sent. */
  readonly archives: readonly WazuhEntry[];
}

export async function runMigration(options: RunOptions): Promise<readonly StepResult[]> {
  const book = new ResultBook(options.definition.name, options.onResult);
  const ground = await book.attempt('set-up', 'a Wazuh server set up by the guide, and an API server that posts to it', () =>
    prepare(options),
  );
  if (ground === undefined) return book.results;
  try {
    const before = ground.host.snapshot();
    await book.attemptAll(SCENARIO, [...migrationSteps(ground, options.signal), ...backSteps(ground, before, options.signal)]);
    await book.attempt('wind-down', 'the controllers end', () => ground.cluster.quiesce());
    const counted = await countEvents(ground);
    const ended = await book.attempt('wind-down', 'API server, services and back end end', () => ground.end());
    await book.attemptEach('nothing-is-lost', [
      { title: 'everything ended by itself, without an error', run: async () => assert.deepEqual(ended?.complaints, []) },
      { title: 'every event of the API server is in the archive', run: () => assertNothingLost(ground, ended?.archives ?? [], counted) },
    ]);
  } finally {
    await ground.end();
  }
  return book.results;
}

interface Step {
  readonly title: string;
  run(): Promise<void>;
}

function migrationSteps(ground: Ground, signal: AbortSignal): readonly Step[] {
  const { host } = ground;
  const alertsOf = alertFinder(ground, signal);
  return [
    {
      title: 'the guide’s receiver works: 110003, 110004 and a user’s rule below 110002',
      run: () => assertGuideRules(ground, alertsOf),
    },
    {
      title: 'a receiver that cannot start: the guide’s has the port again, nothing was changed, and the command says why',
      async run() {
        const before = host.snapshot();
        const outcome = await underTraffic(ground, () =>
          host.product.attempt(wazuhMigrate(['--cluster', 'e2e', '--program', '/srv/wazuh-host/broken-receiver.sh', '--yes'])),
        );
        assert.equal(outcome.code, 1, said(outcome));
        assert.match(outcome.stderr, /HOST_ACTION_FAILED|RECEIVER_NOT_READY/);
        assert.match(outcome.stderr, /this receiver never starts/);
        assertAsBefore(host, before);
        await alertsOf(await createConfigMap(ground), '110003');
      },
    },
    {
      title: 'killed while nobody has the port, it goes back and the guide’s receiver serves again',
      async run() {
        const before = host.snapshot();
        await underTraffic(ground, async () => {
          await killedWhen(host.product.begin(wazuhMigrate(['--cluster', 'e2e', '--yes'])), () => !isActive(host, GUIDE_UNIT));
          const outcome = await host.product.attempt(wazuhSettle('rollback'));
          assert.equal(outcome.code, 0, said(outcome));
        });
        assertAsBefore(host, before);
        await alertsOf(await createConfigMap(ground), '110003');
      },
    },
    {
      title: 'the port changes hands while API servers post; their addresses were known',
      async run() {
        const outcome = await underTraffic(ground, () => host.product.attempt(wazuhMigrate(['--cluster', 'e2e', '--yes'])));
        assert.equal(outcome.code, 0, said(outcome));
        assert.match(outcome.stdout, /posts +from 127\.0\.0\.1, \d+ of the latest/);
        assert.equal(isActive(host, GUIDE_UNIT), false);
        assert.equal(host.run('systemctl', 'is-enabled', 'k8s-audit-receiver.service').code, 0);
      },
    },
    {
      title: 'the same rules fire on what the new receiver sends',
      run: () => assertGuideRules(ground, alertsOf),
    },
    {
      title: 'the second step lists the alerts that will carry another rule, by the archive, and makes it so',
      async run() {
        await alertsOf(await createDeployment(ground, 'first'), '110003');
        const planned = await host.product.run(wazuhMigrate(['--rules', '--dry-run', '--output', 'json']));
        const { forecast } = JSON.parse(planned) as { readonly forecast: { readonly file: string; readonly changes: readonly object[] } };
        assert.equal(forecast.file, '/var/ossec/logs/archives/archives.json');
        const changed = JSON.stringify(forecast.changes);
        assert.match(changed, /"before":\{"kind":"alert","rule":110003[^}]*\},"after":\{"kind":"alert","rule":118211,/);

        const outcome = await underTraffic(ground, () => host.product.attempt(wazuhMigrate(['--rules', '--yes'])));
        assert.equal(outcome.code, 0, said(outcome));
        await alertsOf(await createDeployment(ground, 'second'), '118211');
        await alertsOf(await createConfigMap(ground), '110003');
        await alertsOf(await createSecret(ground), String(USER_RULE));
      },
    },
    {
      title: 'the last step takes out the script, the unit and Flask',
      async run() {
        const outcome = await underTraffic(ground, () => host.product.attempt(wazuhMigrate(['--remove-guide', '--yes'])));
        assert.equal(outcome.code, 0, said(outcome));
        const python = '/var/ossec/framework/python/bin/python3';
        assert.match(host.run(python, '-c', 'import flask').output, /No module named 'flask'/);
        assert.equal(host.run(python, '-c', 'import pip').code, 0);
        assert.equal(host.run('ls', '/var/ossec/integrations').output, 'kubernetes-webhook\n');
      },
    },
  ];
}

function backSteps(ground: Ground, before: Readonly<Record<string, string>>, signal: AbortSignal): readonly Step[] {
  const { host } = ground;
  return [
    {
      title: 'a removal that is killed when its first service has ended goes back: the receiver serves again',
      async run() {
        const installed = host.snapshot();
        await underTraffic(ground, async () => {
          await killedWhen(host.product.begin(wazuhUninstall()), () => !isActive(host, 'k8s-audit-receiver.service'));
          const outcome = await host.product.attempt(wazuhSettle('rollback'));
          assert.equal(outcome.code, 0, said(outcome));
        });
        assertAsBefore(host, installed);
        await alertFinder(ground, signal)(await createDeployment(ground, 'third'), '118211');
      },
    },
    {
      title: 'uninstall gives the guide’s state back: every byte, owner and mode, its service enabled and running',
      async run() {
        const outcome = await underTraffic(ground, () => host.product.attempt(wazuhUninstall()));
        assert.equal(outcome.code, 0, said(outcome));
        assertAsBefore(host, before);
        assert.equal(host.run('systemctl', 'is-enabled', GUIDE_UNIT).code, 0);
        assert.equal(isActive(host, GUIDE_UNIT), true);
      },
    },
    {
      title: 'and its receiver works as before',
      run: () => assertGuideRules(ground, alertFinder(ground, signal)),
    },
    {
      title: 'no request was given up by the API server',
      async run() {
        for (const { auditCounters } of ground.cluster.apiServers) assert.deepEqual((await auditCounters()).errors, {});
      },
    },
  ];
}

async function prepare({ cluster, backend, product, folder, onProgress }: RunOptions): Promise<Ground> {
  if (cluster.name !== 'testbed' || backend.name !== 'embedded')
    throw new Failure('USAGE', 'the run `migration` stands on the testbed and the embedded back end', {
      hint: 'name other runs with --run',
    });
  const stops: (() => Promise<readonly string[]>)[] = [];
  let archives: readonly WazuhEntry[] = [];
  const end = async (): Promise<Ended> => {
    const complaints: string[] = [];
    for (const stop of stops.splice(0).reverse()) complaints.push(...(await stop()));
    return { complaints, archives };
  };
  try {
    const [port = 0] = await findFreePorts(1);
    const host = await startWazuhHost({ folder, port, program: product.program });
    stops.push(() => host.stop());
    const follow = followHome(host.home);
    const { process: wazuh } = await product.start('embedded', embeddedRun(host.home), join(folder, 'logs', 'embedded.log'));
    stops.push(async () => {
      const { code } = await wazuh.stop(STOP_GRACE_MS);
      archives = await follow.archives();
      return code === 0 ? [] : [`the embedded back end ended with ${code}: ${wazuh.tail(5)}`];
    });
    chownSync(follow.socketPath, 0, statSync(host.home).gid);
    onProgress(`the guide's receiver serves on port ${port}`);

    const guide = (name: string): string => readFileSync(join(GUIDE_FILES, name), 'utf8');
    const [policyFile, webhookFile] = [join(folder, 'audit-policy.yaml'), join(folder, 'audit-webhook.yaml')];
    writeFileSync(policyFile, guide('audit-policy.yaml'));
    writeFileSync(webhookFile, guide('audit-webhook.yaml').replace('<wazuh_server_ip>:8080', `127.0.0.1:${port}`));
    const auditFlags = [`--audit-policy-file=${policyFile}`, `--audit-webhook-config-file=${webhookFile}`, ...GUIDE_FLAGS];
    const running = await cluster.start({
      folder: join(folder, 'cluster'),
      apiServers: [{ name: 'kube-apiserver-1', auditFlags }],
      onProgress,
    });
    stops.push(async () => (await running.stop()).complaints);
    const trail = createTrail();
    const admin = createApiClient({ kubeconfig: running.kubeconfig('admin', 0), user: 'admin', apiServer: 0 }, trail);
    return { host, cluster: running, admin, trail, alerts: follow.alerts, end };
  } catch (error) {
    await end();
    throw error;
  }
}

type AlertsOf = (auditId: string, rule: string) => Promise<void>;

/** Waits for the one alert of a request, and holds it to a rule. */
function alertFinder({ alerts }: Ground, signal: AbortSignal): AlertsOf {
  return (auditId, rule) =>
    eventually(
      async () => {
        const found = (await alerts()).filter(({ full_log: log = '' }) => log.includes(`"auditID": "${auditId}"`));
        assert.deepEqual([...new Set(found.map((entry) => entry.rule?.id))], [rule]);
      },
      EVENT_WITHIN_MS,
      signal,
    );
}

async function assertGuideRules(ground: Ground, alertsOf: AlertsOf): Promise<void> {
  const created = await createConfigMap(ground);
  const deleted = await deleteConfigMap(ground);
  const secret = await createSecret(ground);
  await alertsOf(created, '110003');
  await alertsOf(deleted, '110004');
  await alertsOf(secret, String(USER_RULE));
}

let made = 0;

async function createConfigMap({ admin }: Ground): Promise<string> {
  await admin.core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: `made-${++made}` } } });
  return admin.lastRequest().auditId;
}

/** The newest. */
async function deleteConfigMap({ admin }: Ground): Promise<string> {
  await admin.core.deleteNamespacedConfigMap({ namespace: 'default', name: `made-${made}` });
  return admin.lastRequest().auditId;
}

async function createSecret({ admin }: Ground): Promise<string> {
  await admin.core.createNamespacedSecret({ namespace: 'default', body: { metadata: { name: `secret-${++made}` } } });
  return admin.lastRequest().auditId;
}

async function createDeployment({ admin }: Ground, name: string): Promise<string> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name, image: 'k8s.gcr.io/echoserver:1.4' }] } };
  await admin.apps.createNamespacedDeployment({
    namespace: 'default',
    body: { metadata: { name }, spec: { selector: { matchLabels: labels }, template } },
  });
  return admin.lastRequest().auditId;
}

/** Reads before, during and after `work`: each read is an event that must not be lost. */
async function underTraffic<T>({ admin }: Ground, work: () => Promise<T>): Promise<T> {
  let isOver = false;
  const reading = (async () => {
    while (!isOver) {
      await admin.core.readNamespace({ name: 'default' });
      await sleep(REQUEST_EVERY_MS);
    }
  })();
  try {
    await sleep(AROUND_MS);
    return await work();
  } finally {
    await sleep(AROUND_MS);
    isOver = true;
    await reading;
  }
}

/** By the API server's own counter; its end adds some. */
async function countEvents({ cluster }: Ground): Promise<number> {
  const counters = await Promise.all(cluster.apiServers.map(({ auditCounters }) => auditCounters()));
  return counters.reduce((sum, { events }) => sum + events, 0);
}

async function assertNothingLost({ cluster, trail }: Ground, archives: readonly WazuhEntry[], counted: number): Promise<void> {
  const archived = countArchived(archives);
  assert.ok(archived.size >= counted, `the API server counted ${counted} events, ${archived.size} are in the archive`);
  const made = (await Promise.all(cluster.apiServers.map((each) => each.witness()))).flatMap(({ sent }) => sent);
  const lost = made.filter((event) => !archived.has(eventKey(event)));
  assert.ok(made.length > 500, `only ${made.length} events were made`);
  assert.deepEqual(lost.slice(0, 5), [], `${lost.length} of ${made.length} events are missing`);
  const ids = new Set(made.map(({ auditID }) => auditID));
  assert.deepEqual(
    trail.entries.filter(({ auditId }) => !ids.has(auditId)),
    [],
  );
}

function isActive(host: WazuhHost, unit: string): boolean {
  return host.run('systemctl', 'is-active', '--quiet', unit).code === 0;
}

/** Without a warning, as soon as it has come so far. */
async function killedWhen(command: ProductCommand, isReached: () => boolean): Promise<void> {
  while (!isReached()) {
    assert.ok(command.isRunning(), `it ended before it could be killed:\n${command.said()}`);
    await sleep(POLL_MS);
  }
  command.kill();
  assert.equal((await command.ended).code, null, 'it was not killed');
}

function assertAsBefore(host: WazuhHost, before: Readonly<Record<string, string>>): void {
  const now = host.snapshot();
  const paths = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  assert.deepEqual(
    paths.filter((path) => before[path] !== now[path]),
    [],
  );
}

function said({ stdout, stderr }: CommandOutcome): string {
  return `${stdout.slice(-2_000)}\n${stderr}`;
}
