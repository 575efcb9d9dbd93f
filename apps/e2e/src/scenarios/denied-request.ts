import assert from 'node:assert/strict';
import { answersOf, assertRule, entriesOf, none, theOnly } from '../alert-search.ts';
import { statusOf } from '../api-client.ts';
import { USERNAMES } from '../cluster.ts';
import type { Scenario } from '../scenario.ts';
import type { TrailEntry } from '../trail.ts';

/** Somebody who is known but may do nothing reads secrets, and tries to start a workload. */
export const deniedRequest: Scenario = {
  name: 'denied-request',
  title: 'a request that is forbidden is found, and an attempt is not told as a deed',
  plan: (context) => {
    const restricted = context.client('restricted');
    const { requestDenied, createDenied } = context.definition.expected;
    let read: TrailEntry;
    let create: TrailEntry;
    return {
      steps: [
        {
          title: 'is answered with 403',
          async run() {
            assert.equal(await statusOf(restricted.core.listNamespacedSecret({ namespace: 'kube-system' })), 403);
            read = restricted.lastRequest();
            assert.equal(await statusOf(restricted.core.createNamespacedPod({ namespace: 'default', body: intruder })), 403);
            create = restricted.lastRequest();
          },
        },
        {
          title: 'is in the archive',
          run: () =>
            context.eventually(async () => {
              const archives = await context.archives();
              for (const request of [read, create]) {
                const { user, responseStatus } = theOnly(answersOf(archives, request.auditId), 'events').data?.k8s ?? {};
                assert.deepEqual([user?.username, Number(responseStatus?.code)], [USERNAMES.restricted, 403]);
              }
            }),
        },
        {
          title: requestDenied === 'none' ? 'gives no alert when it only reads' : 'gives one alert when it reads',
          run: () =>
            context.eventually(async () => {
              const alerts = entriesOf(await context.alerts(), read.auditId);
              if (requestDenied === 'none') none(alerts, 'alerts');
              else assertRule(theOnly(alerts, 'alerts'), requestDenied);
            }),
        },
        {
          title: 'gives one alert when it creates',
          run: () =>
            context.eventually(async () => {
              assertRule(theOnly(entriesOf(await context.alerts(), create.auditId), 'alerts'), createDenied);
            }),
        },
      ],
    };
  },
};

const intruder = { metadata: { name: 'intruder' }, spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] } };
