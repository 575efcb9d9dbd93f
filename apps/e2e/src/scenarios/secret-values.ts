import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { entriesOf, theOnly } from '../alert-search.ts';
import type { Scenario } from '../scenario.ts';
import type { TrailEntry } from '../trail.ts';

/** Redaction comes before the first byte is written: the spool must not hold it either, nor a log. */
export const secretValues: Scenario = {
  name: 'secret-values',
  title: 'a secret and a token in a URI are in no file that the product writes',
  plan: (context) => {
    const admin = context.client('admin');
    const secret = randomBytes(24).toString('hex');
    const token = randomBytes(24).toString('hex');
    let read: TrailEntry;
    return {
      steps: [
        {
          title: 'are sent to the API server',
          async run() {
            const body = { metadata: { name: 'hello-secret' }, stringData: { password: secret } };
            await admin.core.createNamespacedSecret({ namespace: 'default', body });
            // How a browser would do it; an API server ignores the parameter and audits it.
            assert.equal(await admin.get(`/api/v1/namespaces/default/pods?access_token=${token}`), 200);
            read = admin.lastRequest();
          },
        },
        {
          title: 'are audited',
          run: () =>
            context.eventually(async () => {
              const { requestURI = '' } = theOnly(entriesOf(await context.archives(), read.auditId), 'events').data?.k8s ?? {};
              assert.match(requestURI, /access_token=/);
            }),
        },
      ],
      afterStop: [
        {
          title: 'are nowhere on disk',
          run({ productFiles }) {
            assert.ok(productFiles.length >= 3, `only ${productFiles.length} files to look into`);
            const forms = [secret, token].flatMap((value) => [value, Buffer.from(value).toString('base64')]);
            const holders = productFiles.filter((path) => {
              const bytes = readFileSync(path);
              return forms.some((form) => bytes.includes(form));
            });
            assert.deepEqual(holders, []);
          },
        },
      ],
    };
  },
};
