import assert from 'node:assert/strict';
import { answersOf, assertRule, entriesOf, none, theOnly } from '../alert-search.ts';
import { USERNAMES } from '../cluster.ts';
import type { Scenario } from '../scenario.ts';
import type { TrailEntry } from '../trail.ts';

const POD = { namespace: 'default', name: 'hello-exec', container: 'main' };
const COMMAND = ['cat', '/etc/hostname'];

/** kubectl since 1.31 opens a session as a websocket GET: verb `get`, code 101. */
export const execIntoPod: Scenario = {
  name: 'exec-into-pod',
  title: 'an exec over a websocket is found',
  plan: (context) => {
    const admin = context.client('admin');
    const expected = context.definition.expected.execIntoPod;
    let request: TrailEntry;
    return {
      steps: [
        {
          title: 'runs in a pod',
          async run() {
            const nodeName = await context.cluster.nodeForPods();
            const containers = [{ name: POD.container, image: 'registry.k8s.io/pause:3.10' }];
            const body = { metadata: { name: POD.name }, spec: { containers, ...(nodeName === undefined ? {} : { nodeName }) } };
            await context.eventually(async () => {
              const pods = await admin.core.listNamespacedPod({ namespace: POD.namespace, fieldSelector: `metadata.name=${POD.name}` });
              if (pods.items.length === 0) await admin.core.createNamespacedPod({ namespace: POD.namespace, body });
              // A real kubelet has to start it first; the stand-in answers for pods that never run.
              if (nodeName === undefined) assert.equal(pods.items[0]?.status?.phase, 'Running');
            });
            const result = await admin.exec(POD, COMMAND);
            request = result.request;
            assert.equal(result.status.status, 'Success');
            assert.match(result.stdout, new RegExp(POD.name));
          },
        },
        {
          title: 'is in the archive as a GET that was answered with 101, in both of its stages',
          run: () =>
            context.eventually(async () => {
              const events = answersOf(await context.archives(), request.auditId).map(({ data }) => data?.k8s ?? {});
              assert.deepEqual(events.map(({ stage }) => stage).sort(), ['ResponseComplete', 'ResponseStarted']);
              for (const { verb, objectRef, responseStatus, user } of events) {
                assert.deepEqual([verb, Number(responseStatus?.code), user?.username], ['get', 101, USERNAMES.admin]);
                assert.deepEqual([objectRef?.resource, objectRef?.subresource, objectRef?.name], ['pods', 'exec', POD.name]);
              }
            }),
        },
        {
          title: expected === 'none' ? 'gives no alert' : 'gives one alert',
          run: () =>
            context.eventually(async () => {
              const alerts = entriesOf(await context.alerts(), request.auditId);
              if (expected === 'none') none(alerts, 'alerts');
              else assertRule(theOnly(alerts, 'alerts'), expected);
            }),
        },
      ],
    };
  },
};
