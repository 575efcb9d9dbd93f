import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CanaryReport, canary as canaryCommand, type HopsOf, type Witnesses } from '../product.ts';
import type { Scenario, ScenarioContext, Step } from '../scenario.ts';

/** Nothing can come of the second one's, and all its time is waited for. */
const [LONG_SECONDS, SHORT_SECONDS] = [60, 5];

/** `k8s-audit canary` to two real API servers, of which one posts to nobody. */
export const canary: Scenario = {
  name: 'canary',
  title: 'a canary is followed from a real API server to the alert, and tells where the other’s ends',
  runs: ['proof'],
  plan: (context) => {
    const [good, cutOff] = context.cluster.apiServers.map(({ url }) => url) as [string, string | undefined];
    return {
      steps: [
        {
          title: 'of the first API server every hop is well, with its latency',
          async run() {
            const { code, hops } = await sendCanary(context, good, LONG_SECONDS);
            assert.deepEqual([code, hops.filter(({ state }) => state !== 'ok')], [0, []]);
            assert.match(seenAt(hops, 'tls'), /cluster e2e, API server kube-apiserver-1/);
            assert.match(seenAt(hops, 'rule'), /^rule 118402,/);
          },
        },
        // A cluster of one node has no second.
        ...(cutOff === undefined ? [] : [cutOffStep(context, cutOff)]),
        {
          title: 'of an address that nobody answers at, the API server is named',
          async run() {
            const { code, hops } = await sendCanary(context, 'https://127.0.0.1:9', SHORT_SECONDS);
            assert.deepEqual([code, hops.map(({ state }) => state)], [1, ['broken', ...Array.from({ length: 9 }, () => 'not-reached')]]);
          },
        },
      ],
    };
  },
};

function cutOffStep(context: ScenarioContext, apiServer: string): Step {
  return {
    title: 'of the second, which posts to a port that nobody serves, the webhook is named and nothing else',
    async run() {
      const { code, hops } = await sendCanary(context, apiServer, SHORT_SECONDS);
      assert.deepEqual([code, hops.filter(({ state }) => state === 'broken').map(({ hop }) => hop)], [1, ['webhook']]);
      assert.match(seenAt(hops, 'webhook'), /made [1-9]\d* events meanwhile/);
    },
  };
}

export function witnessesOf(context: ScenarioContext, timeoutSeconds: number): Witnesses {
  const kubeconfigFile = join(context.scratchFolder('kubeconfig'), 'admin.conf');
  writeFileSync(kubeconfigFile, context.cluster.kubeconfig('admin', 0), { mode: 0o600 });
  return { kubeconfigFile, admin: context.receiver.admin, wazuhHome: context.wazuhHome, timeoutSeconds };
}

export async function sendCanary(
  context: ScenarioContext,
  apiServer: string,
  timeoutSeconds: number,
): Promise<HopsOf & { readonly code: number | null }> {
  const { code, stdout, stderr } = await context.product.attempt(canaryCommand(witnessesOf(context, timeoutSeconds), [apiServer]));
  assert.match(stdout, /^\{/, stderr);
  const [result] = (JSON.parse(stdout) as CanaryReport).results;
  return { code, hops: result?.hops ?? [] };
}

function seenAt(hops: HopsOf['hops'], hop: string): string {
  return hops.find((each) => each.hop === hop)?.seen ?? '';
}
