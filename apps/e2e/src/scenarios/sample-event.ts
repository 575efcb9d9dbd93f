import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertRule, entriesOf, theOnly } from '../alert-search.ts';
import { postAudit } from '../receiver-post.ts';
import { SAMPLE_CLUSTER, type Scenario } from '../scenario.ts';

const SAMPLE = join(import.meta.dirname, '../../../../fixtures/guide/sample-event.json');

/** The one event that the guide shows to its readers, posted as it stands there. */
export const sampleEvent: Scenario = {
  name: 'sample-event',
  title: 'the guide’s sample event gives the guide’s alert, and core’s',
  plan: ({ receiver, alerts, eventually, definition: { expected } }) => {
    const sample = readFileSync(SAMPLE, 'utf8');
    const auditId = (JSON.parse(sample) as { items: [{ auditID: string }] }).items[0].auditID;
    return {
      steps: [
        {
          title: 'is taken by the receiver',
          async run() {
            const outcome = await postAudit(`${receiver.url}/${SAMPLE_CLUSTER}/guide`, sample, receiver.certificate(SAMPLE_CLUSTER));
            assert.deepEqual([outcome.kind, outcome.kind === 'answered' && outcome.status], ['answered', 200]);
          },
        },
        {
          title: 'gives one alert',
          run: () =>
            eventually(async () => {
              const alert = theOnly(entriesOf(await alerts(), auditId), 'alerts');
              assertRule(alert, expected.sampleEvent);
              assert.deepEqual([alert.data?.srcip, alert.data?.k8s?.user?.username], ['192.168.132.137', 'minikube-user']);
              assert.equal(alert.data?.k8s?.requestReceivedTimestamp, '2022-11-08T15:45:13.929428Z');
              assert.equal(alert.agent.name, SAMPLE_CLUSTER);
            }),
        },
      ],
    };
  },
};
