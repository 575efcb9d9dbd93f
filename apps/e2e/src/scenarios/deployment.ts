import assert from 'node:assert/strict';
import { assertRule, assertTimes, theOnly } from '../alert-search.ts';
import { USERNAMES } from '../cluster.ts';
import type { ExpectedRule } from '../runs.ts';
import { CLUSTER_NAME, type Scenario, type ScenarioContext } from '../scenario.ts';
import type { TrailEntry } from '../trail.ts';
import type { WazuhEntry } from '../wazuh-entry.ts';

const NAME = 'hello-minikube';

/** The main job: the deployment that the guide's readers create and delete, once with each of the names that its image goes by. */
export const deployment: Scenario = scenario('deployment', 'default', 'registry.k8s.io/echoserver:1.4');
export const guideImageDeployment: Scenario = scenario('deployment-guide-image', 'legacy', 'k8s.gcr.io/echoserver:1.4');

function scenario(name: string, namespace: string, image: string): Scenario {
  return {
    name,
    title: `a deployment of ${image} becomes one alert when it is created and one when it is deleted`,
    plan: (context) => {
      const { expected } = context.definition;
      const [creator, deleter] = [context.client('admin', 0), context.client('admin', context.cluster.apiServers.length - 1)];
      let created: TrailEntry;
      let deleted: TrailEntry;
      return {
        steps: [
          {
            title: 'is created at the first API server',
            async run() {
              if (namespace !== 'default') await creator.core.createNamespace({ body: { metadata: { name: namespace } } });
              await creator.apps.createNamespacedDeployment({ namespace, body: manifest(image) });
              created = creator.lastRequest();
            },
          },
          {
            title: 'gives one create alert',
            run: () => context.eventually(async () => assertAlert(context, 'create', namespace, expected.deploymentCreated, created)),
          },
          {
            title: 'gets its pod from the controllers',
            run: () =>
              context.eventually(async () => {
                const { items } = await creator.core.listNamespacedPod({ namespace, labelSelector: `app=${NAME}` });
                assert.deepEqual(
                  items.map(({ spec }) => spec?.containers[0]?.image),
                  [image],
                );
              }),
          },
          {
            title: 'is deleted at the last API server',
            async run() {
              await deleter.apps.deleteNamespacedDeployment({ namespace, name: NAME });
              deleted = deleter.lastRequest();
            },
          },
          {
            title: 'gives one delete alert',
            run: () => context.eventually(async () => assertAlert(context, 'delete', namespace, expected.deploymentDeleted, deleted)),
          },
        ],
        afterStop: [
          {
            title: 'has one create and one delete alert in the end, too',
            run({ alerts }) {
              theOnly(aboutDeployment(alerts, 'create', namespace), 'create alerts');
              theOnly(aboutDeployment(alerts, 'delete', namespace), 'delete alerts');
            },
          },
        ],
      };
    },
  };
}

async function assertAlert(
  context: ScenarioContext,
  verb: string,
  namespace: string,
  rule: ExpectedRule,
  request: TrailEntry,
): Promise<void> {
  const alert = theOnly(aboutDeployment(await context.alerts(), verb, namespace), `${verb} alerts`);
  assertRule(alert, rule);
  assertTimes(alert, request);
  const { auditID, user, objectRef, responseStatus, cluster } = alert.data?.k8s ?? {};
  assert.equal(auditID, request.auditId);
  assert.equal(user?.username, USERNAMES.admin);
  assert.deepEqual([objectRef?.resource, objectRef?.namespace, objectRef?.name], ['deployments', namespace, NAME]);
  assert.equal(Number(responseStatus?.code), verb === 'create' ? 201 : 200);
  assert.equal(alert.data?.srcip, context.cluster.clientAddress);
  assert.equal(cluster, CLUSTER_NAME);
  assert.equal(alert.agent.name, CLUSTER_NAME);
}

/** Whoever did it and whatever the rule: an alert about this very deployment. */
function aboutDeployment(alerts: readonly WazuhEntry[], verb: string, namespace: string): readonly WazuhEntry[] {
  return alerts.filter(({ data }) => {
    const { cluster, objectRef, verb: done } = data?.k8s ?? {};
    return (
      cluster === CLUSTER_NAME &&
      done === verb &&
      objectRef?.resource === 'deployments' &&
      objectRef.namespace === namespace &&
      objectRef.name === NAME
    );
  });
}

function manifest(image: string): object {
  const labels = { app: NAME };
  const container = { name: 'echoserver', image };
  return {
    metadata: { name: NAME, labels },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  };
}
