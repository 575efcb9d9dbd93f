import assert from 'node:assert/strict';
import { entriesOf, theOnly } from '../alert-search.ts';
import { countArchived } from '../event-key.ts';
import { CLUSTER_NAME, type Scenario } from '../scenario.ts';
import type { TrailEntry } from '../trail.ts';

/** What an API server posts it also writes to its log, and the receiver reads both: one event is one alert all the same. */
export const webhookAndLogFile: Scenario = {
  name: 'webhook-and-log-file',
  title: 'an event that comes by webhook and by log file gives one alert',
  runs: ['everything'],
  plan: (context) => {
    const deeds: TrailEntry[] = [];
    return {
      steps: [
        {
          title: 'a deployment is created at each API server',
          async run() {
            for (const [index] of context.cluster.apiServers.entries()) {
              const admin = context.client('admin', index);
              await admin.apps.createNamespacedDeployment({ namespace: 'default', body: deployment(`both-ways-${index}`) });
              deeds.push(admin.lastRequest());
            }
          },
        },
        {
          title: 'both ways have brought everything',
          run: () =>
            context.eventually(async () => {
              const { origins } = await context.receiver.books();
              for (const { name } of context.cluster.apiServers) {
                const { received = 0, duplicate = 0 } =
                  origins.find((each) => each.cluster === CLUSTER_NAME && each.apiServer === name) ?? {};
                // Each event once by each way; the API server goes on meanwhile, and the one way is a second before the other.
                assert.ok(duplicate > 50 && duplicate > 0.8 * (received / 2), `${name}: ${duplicate} of ${received} came before`);
              }
            }),
        },
        {
          title: 'each deed gives one alert',
          run: () =>
            context.eventually(async () => {
              const alerts = await context.alerts();
              for (const { auditId } of deeds) theOnly(entriesOf(alerts, auditId), 'alerts');
            }),
        },
        {
          title: 'each of its stages is in the archive once',
          run: async () => {
            const archives = await context.archives();
            for (const { auditId } of deeds) {
              const stages = countArchived(entriesOf(archives, auditId));
              assert.ok(stages.size > 0 && [...stages.values()].every((count) => count === 1), JSON.stringify([...stages]));
            }
          },
        },
      ],
    };
  },
};

function deployment(name: string): object {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] } },
    },
  };
}
