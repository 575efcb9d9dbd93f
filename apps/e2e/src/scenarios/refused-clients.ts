import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { none } from '../alert-search.ts';
import { certsCreate, clusterCertificate } from '../product.ts';
import { type PostOutcome, postAudit } from '../receiver-post.ts';
import { CLUSTER_NAME, SAMPLE_CLUSTER, type Scenario } from '../scenario.ts';

/** Whoever may post here may write history: a certificate of our authority that names this very cluster, or nothing. */
export const refusedClients: Scenario = {
  name: 'refused-clients',
  title: 'clients that are not the cluster are refused, and leave no event behind',
  plan: ({ product, receiver, scratchFolder }) => {
    const path = `/${CLUSTER_NAME}/kube-apiserver-1`;
    const url = `${receiver.url}${path}`;
    const own = receiver.certificate(CLUSTER_NAME);
    const mark = randomUUID();
    const isCut = (outcome: PostOutcome): void => assert.equal(outcome.kind, 'cut', JSON.stringify(outcome));
    return {
      steps: [
        {
          title: 'with a certificate of another authority',
          async run() {
            const folder = scratchFolder('another-authority');
            await product.run(certsCreate(folder, [receiver.host], [CLUSTER_NAME]));
            isCut(await postAudit(url, forgery(mark), { ...clusterCertificate(folder, CLUSTER_NAME), authority: own.authority }));
          },
        },
        {
          title: 'without a certificate',
          run: async () => isCut(await postAudit(url, forgery(mark), { authority: own.authority })),
        },
        {
          title: 'without TLS',
          run: async () => isCut(await postAudit(url.replace('https:', 'http:'), forgery(mark), own)),
        },
        {
          title: 'with the certificate of another cluster',
          async run() {
            const outcome = await postAudit(url, forgery(mark), receiver.certificate(SAMPLE_CLUSTER));
            assert.deepEqual([outcome.kind, outcome.kind === 'answered' && outcome.status], ['answered', 403]);
          },
        },
        {
          title: 'are counted',
          async run() {
            const { refusals = [] } = await receiver.books();
            const total = refusals.reduce((sum, { count }) => sum + count, 0);
            assert.ok(total >= 4, JSON.stringify(refusals));
          },
        },
      ],
      afterStop: [
        {
          title: 'have left nothing in the archive',
          run: ({ archives }) =>
            none(
              archives.filter(({ full_log = '' }) => full_log.includes(mark)),
              'events',
            ),
        },
      ],
    };
  },
};

/** An event that says that somebody else did something. */
function forgery(auditID: string): string {
  const at = '2026-01-01T00:00:00.000000Z';
  const event = {
    level: 'Metadata',
    auditID,
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/default/secrets',
    verb: 'list',
    user: { username: 'somebody-else' },
    sourceIPs: ['192.0.2.1'],
    objectRef: { resource: 'secrets', namespace: 'default', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: at,
    stageTimestamp: at,
  };
  return JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: [event] });
}
