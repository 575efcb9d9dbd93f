import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { entriesOf } from '../alert-search.ts';
import { type ConnectNode, createConnectNode } from '../connect-node.ts';
import type { CommandOutcome } from '../product-process.ts';
import type { Scenario, ScenarioContext, Step } from '../scenario.ts';
import type { TrailEntry } from '../trail.ts';
import { sendCanary } from './canary.ts';
import { assertRecovered, assertRefused, BOTH, FAILING_CONNECTS, type FailingConnect } from './failing-connects.ts';

const REQUEST_EVERY_MS = 50;
const AROUND_MS = 1_000;
/** All that is asked about an API server, but for CIS 3.2.2, of which the profile leaves something open on purpose. */
const ASKED_OF_A_NODE: readonly string[] = [
  ...['policy', 'webhook', 'mode', 'batches', 'truncation', 'drops', 'policy-loaded'].map((part) => `api-server-${part}`),
  ...['1.2.16', '1.2.17', '1.2.18', '1.2.19', '3.2.1'].map((number) => `cis-${number}`),
];
/** Nothing can come: all of it is waited for. */
const CANARY_SECONDS = 3;

/**
 * `k8s-audit cluster connect` on two nodes whose API servers run from manifests: wrong in every way, killed, right, twice, and taken back. What is right is
 * connected with both back ends: the log file is the witness that the archive is held to.
 */
export const connectCluster: Scenario = {
  name: 'connect-cluster',
  title: 'a live API server is connected, survives each wrong change, and gets its own bytes back',
  runs: ['connect'],
  plan(context) {
    const [first, second] = context.cluster.apiServers.map((each) => createConnectNode(context, each)) as [ConnectNode, ConnectNode];
    const before = { first: first.files(), second: second.files() };
    return {
      steps: [
        {
          // Their watches would hold each restart for the 30 s that the kubelet grants; the files' fate is the same.
          title: 'the controllers end',
          run: () => context.cluster.quiesce(),
        },
        {
          title: 'a canary says before that the API server makes no audit events',
          async run() {
            const url = context.cluster.apiServers[0]?.url ?? '';
            const { code, hops } = await sendCanary(context, url, CANARY_SECONDS);
            assert.deepEqual([code, hops.filter(({ state }) => state === 'broken').map(({ hop }) => hop)], [1, ['api-server']]);
          },
        },
        ...pairs(FAILING_CONNECTS).map(([one, other]) => failing(context, [first, one], [second, other])),
        {
          title: 'is refused before anything is changed, where the mistake can be seen: a policy, a receiver that is down',
          async run() {
            const policy = join(first.root, 'unknown-level.yaml');
            writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Everything }]\n');
            assertRefused(first, await first.connect(['--policy', policy]), before.first, /Everything/);
            assertRefused(second, await second.connect(['--receiver', '127.0.0.1:9']), before.second, /RECEIVER_REFUSES/);
          },
        },
        {
          title: 'killed before, between and after its files, goes back to the bytes from before',
          async run() {
            const moments = [
              () => first.has('etc/kubernetes/k8s-audit-backup'),
              () => first.has('etc/kubernetes/audit/policy.yaml'),
              () => first.manifest().includes('--audit-policy-file'),
            ];
            for (const isReached of moments) {
              await first.killedConnect([], isReached);
              const outcome = await first.settle('rollback');
              assert.equal(outcome.code, 0, describe(outcome));
              assertAsBefore(first, before.first);
            }
          },
        },
        {
          title: 'killed while it waits, goes on and ends connected, while the other API server takes the requests',
          async run() {
            const others = await withTraffic(context, 1, async () => {
              await first.killedConnect(BOTH, (command) => command.said().includes('files written'));
              const outcome = await first.settle('resume');
              assert.equal(outcome.code, 0, describe(outcome));
            });
            assert.ok(others.length > 20, `only ${others.length} requests while the first was connected`);
            assert.deepEqual(
              others.filter(({ status }) => status !== 200),
              [],
            );
          },
        },
        {
          title: 'is connected on the second node, while the first takes the requests: every one of them is in the archive',
          async run() {
            const sent = await withTraffic(context, 0, async () => {
              const outcome = await second.connect(BOTH);
              assert.equal(outcome.code, 0, describe(outcome));
            });
            assert.ok(sent.length > 20, `only ${sent.length} requests while the second was connected`);
            await assertArchived(context, sent);
          },
        },
        {
          title: 'a second time changes nothing',
          async run() {
            const files = second.files();
            const outcome = await second.connect(BOTH);
            assert.deepEqual([outcome.code, /Nothing to do/.test(outcome.stdout)], [0, true], describe(outcome));
            assert.deepEqual(second.files(), files);
          },
        },
        {
          title: 'requests to both are in the archive, and no API server has lost an event',
          async run() {
            for (const index of [0, 1]) await assertArchived(context, await withTraffic(context, index, () => sleep(AROUND_MS)));
            for (const { name, auditCounters } of context.cluster.apiServers) assert.deepEqual((await auditCounters()).errors, {}, name);
          },
        },
        {
          title: 'the doctor finds nothing wrong with either, and says so when the policy is no longer the one that was loaded',
          async run() {
            const kubeconfigs = [first, second].map((node, index) => {
              const file = join(node.root, 'doctor.kubeconfig');
              writeFileSync(file, context.cluster.kubeconfig('admin', index), { mode: 0o600 });
              return file;
            });
            for (const [index, node] of [first, second].entries()) {
              const found = await node.doctor(kubeconfigs[index] ?? '');
              const wrong = ASKED_OF_A_NODE.filter((id) => found[id] !== 'ok').map((id) => `${id} ${found[id]}`);
              assert.deepEqual(wrong, [], node.name);
            }
            const policy = join(first.root, 'etc/kubernetes/audit/policy.yaml');
            const loaded = readFileSync(policy);
            writeFileSync(policy, `${loaded}# changed\n`);
            assert.match((await first.doctor(kubeconfigs[0] ?? ''))['api-server-policy-loaded'] ?? '', /^failure: .* at the start it had /);
            writeFileSync(policy, loaded);
          },
        },
        {
          title: 'is disconnected on one after the other, and has the bytes, modes and files from before',
          async run() {
            for (const [node, files] of [[second, before.second] as const, [first, before.first] as const]) {
              const outcome = await node.disconnect();
              assert.equal(outcome.code, 0, describe(outcome));
              assertAsBefore(node, files);
            }
          },
        },
        {
          title: 'no file in the folder of manifests was ever a second pod',
          async run() {
            for (const { node } of context.cluster.apiServers)
              assert.deepEqual(
                node?.events().filter(({ kind }) => kind === 'several-files-one-pod' || kind === 'manifest-refused'),
                [],
              );
          },
        },
      ],
    };
  },
};

/** Two wrong changes at a time, one on each node: most of it is waiting. */
function failing(context: ScenarioContext, ...attempts: readonly (readonly [ConnectNode, FailingConnect])[]): Step {
  return {
    title: `recovers by itself from ${attempts.map(([, { what }]) => what).join('; from ')}`,
    async run() {
      // Both to their end, whatever comes of one: the next step must find two nodes at rest.
      const outcomes = await Promise.allSettled(attempts.map(([node, attempt]) => assertRecovered(node, attempt, context)));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}

function pairs<T>(all: readonly T[]): readonly (readonly [T, T])[] {
  return Array.from({ length: Math.floor(all.length / 2) }, (_, index) => [all[2 * index] as T, all[2 * index + 1] as T] as const);
}

/** Reads at one API server before, during and after `work`. Returns what was answered. */
async function withTraffic(context: ScenarioContext, index: number, work: () => Promise<unknown>): Promise<readonly TrailEntry[]> {
  const admin = context.client('admin', index);
  const from = context.trail.entries.length;
  let isOver = false;
  const reading = (async () => {
    while (!isOver) {
      await admin.core.readNamespace({ name: 'default' });
      await sleep(REQUEST_EVERY_MS);
    }
  })();
  try {
    await sleep(AROUND_MS);
    await work();
    await sleep(AROUND_MS);
  } finally {
    isOver = true;
    await reading;
  }
  return context.trail.entries.slice(from).filter(({ apiServer }) => apiServer === index);
}

async function assertArchived(context: ScenarioContext, sent: readonly TrailEntry[]): Promise<void> {
  await context.eventually(async () => {
    const archives = await context.archives();
    const missing = sent.filter(({ auditId }) => entriesOf(archives, auditId).length === 0);
    assert.equal(missing.length, 0, `${missing.length} of ${sent.length} requests are missing`);
  });
}

function assertAsBefore(node: ConnectNode, before: Readonly<Record<string, string>>): void {
  assert.deepEqual([node.files(), node.pods(), node.has('etc/kubernetes/audit')], [before, ['kube-apiserver.yaml'], false]);
}

function describe({ stdout, stderr }: CommandOutcome): string {
  return `${stdout}\n${stderr}`;
}
