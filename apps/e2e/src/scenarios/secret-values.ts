import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { answersOf, theOnly } from '../alert-search.ts';
import type { ApiClient } from '../api-client.ts';
import type { FinalState, Scenario } from '../scenario.ts';
import type { TrailEntry } from '../trail.ts';

const NAMESPACE = 'default';
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1';

/**
 * Redaction comes before the first byte is written: the spool must not hold a secret either, nor a log. The values go every way that a body can take:
 * create, JSON Patch, list, table, annotation of `kubectl apply`, token request, token review, query.
 */
export const secretValues: Scenario = {
  name: 'secret-values',
  title: 'secrets and tokens are in no file that the product writes',
  plan: (context) => {
    const admin = context.client('admin');
    const values = {
      created: randomValue(),
      applied: randomValue(),
      patched: randomValue(),
      reviewed: randomValue(),
      inQuery: randomValue(),
    };
    let issued = '';
    let read: TrailEntry;
    return {
      steps: [
        {
          title: 'are sent to the API server and come back from it',
          async run() {
            await sendSecrets(admin, values);
            issued = await requestToken(admin);
            // How a browser would do it; an API server ignores the parameter and audits it.
            assert.equal(await admin.get(`/api/v1/namespaces/${NAMESPACE}/pods?access_token=${values.inQuery}`), 200);
            read = admin.lastRequest();
          },
        },
        {
          title: 'are audited',
          run: () =>
            context.eventually(async () => {
              const { requestURI = '' } = theOnly(answersOf(await context.archives(), read.auditId), 'events').data?.k8s ?? {};
              assert.match(requestURI, /access_token=/);
            }),
        },
      ],
      afterStop: [
        {
          title:
            context.definition.policy === 'everything' ? 'were in what the API servers sent' : 'were in queries that the API servers sent',
          run: ({ witness }) => {
            const sent = JSON.stringify([...witness.values()]);
            const expected = context.definition.policy === 'everything' ? [...Object.values(values), issued] : [values.inQuery];
            const missing = expected.filter((value) => !formsOf(value).some((form) => sent.includes(form)));
            assert.deepEqual(missing, [], 'the test proves nothing about these');
          },
        },
        { title: 'are nowhere on disk', run: (final) => assertNowhere(final, [...Object.values(values), issued]) },
      ],
    };
  },
};

function randomValue(): string {
  return randomBytes(24).toString('hex');
}

async function sendSecrets(
  admin: ApiClient,
  values: Readonly<Record<'created' | 'applied' | 'patched' | 'reviewed', string>>,
): Promise<void> {
  const name = 'hello-secret';
  const applied = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { password: values.applied } });
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': applied };
  await admin.core.createNamespacedSecret({
    namespace: NAMESPACE,
    body: { metadata: { name, annotations }, stringData: { password: values.created } },
  });
  const patched = Buffer.from(values.patched).toString('base64');
  await admin.core.patchNamespacedSecret({ namespace: NAMESPACE, name, body: [{ op: 'add', path: '/data/second', value: patched }] });
  await admin.core.listNamespacedSecret({ namespace: NAMESPACE });
  assert.equal(await admin.get(`/api/v1/namespaces/${NAMESPACE}/secrets?includeObject=Object`, { accept: TABLE }), 200);
  await admin.authentication.createTokenReview({ body: { spec: { token: values.reviewed } } });
}

async function requestToken(admin: ApiClient): Promise<string> {
  const body = { spec: { audiences: ['somewhere-else'] } };
  const { status } = await admin.core.createNamespacedServiceAccountToken({ namespace: NAMESPACE, name: 'default', body });
  assert.ok(status?.token !== undefined && status.token.length > 100);
  return status.token;
}

function assertNowhere({ productFiles }: FinalState, values: readonly string[]): void {
  assert.ok(productFiles.length >= 3, `only ${productFiles.length} files to look into`);
  const forms = values.flatMap(formsOf);
  const holders = productFiles.filter((path) => {
    const bytes = readFileSync(path);
    return forms.some((form) => bytes.includes(form));
  });
  assert.deepEqual(holders, []);
}

/** As it stands, as base64 of it, and for a long token the end alone: its signature. */
function formsOf(value: string): readonly string[] {
  return [value.slice(-40), Buffer.from(value).toString('base64')];
}
