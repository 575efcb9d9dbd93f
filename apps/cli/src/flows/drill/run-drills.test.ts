import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { createAuthority, issueServerCertificate } from '@k8s-audit/certs';
import { CORE_DETECTIONS } from '@k8s-audit/detections';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DRILLS, WITHOUT_DRILL } from './drills/index.ts';
import { type DrillResult, runDrills } from './run-drills.ts';

/** Answers by method and path: what is not here is 201. The real one is met in the end-to-end tests. */
let answers: Readonly<Record<string, number>> = {};
let asked: string[] = [];
let onAsked: (what: string) => void = () => undefined;
let server: Server;
let kubeconfig: string;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(`${tmpdir()}/run-drills-`);
  const authority = await createAuthority({ nowMs: Date.now() });
  const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, ['127.0.0.1'], { nowMs: Date.now() });
  server = createServer({ cert: certificatePem, key: privateKeyPem }, (incoming, response) => {
    incoming.resume();
    const what = `${incoming.method} ${incoming.url?.replace(/k8s-audit-drill-[0-9a-f]+/, 'NS').replace(/\?.*/, '')}`;
    asked.push(what);
    onAsked(what);
    const pod = { status: { phase: 'Running', token: 'of the service account' } };
    response.writeHead(answers[what] ?? 201).end(JSON.stringify({ items: [], ...pod, message: 'as told' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(authority.certificatePem).toString('base64') };
  const context = { cluster: 'c', user: 'u' };
  kubeconfig = JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'x' },
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token: 'admin' } }],
    contexts: [{ name: 'x', context }],
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  [answers, asked, onAsked] = [{}, [], () => undefined];
});

async function drill(name: string, signal = new AbortController().signal): Promise<DrillResult | undefined> {
  const drills = DRILLS.filter(({ detection }) => detection === name);
  const tools = { now: Date.now, signal, say: () => undefined, timeoutMs: 1 };
  return (await runDrills({ drills, kubeconfig, places: { home } }, tools))[0];
}

const MADE = 'POST /api/v1/namespaces';
const REMOVED = 'DELETE /api/v1/namespaces/NS';

describe('the drills', () => {
  it('are one for each detection of the pack, or there is a reason', () => {
    const told = [...DRILLS.map(({ detection }) => detection), ...Object.keys(WITHOUT_DRILL)];
    expect(told.sort()).toEqual(CORE_DETECTIONS.map(({ slug }) => slug).sort());
  });

  it.each(DRILLS.map(({ detection }) => detection))(
    '%s is done in a namespace of its own, which is taken away, and sends nothing elsewhere',
    async (name) => {
      await drill(name);

      expect([asked[0], asked.at(-1)]).toEqual([MADE, REMOVED]);
      expect(asked.slice(1).filter((what) => !what.includes('/namespaces/NS'))).toEqual([]);
    },
  );
});

describe('the namespace is taken away', () => {
  it('when a step is refused', async () => {
    answers = { 'POST /api/v1/namespaces/NS/pods': 403 };

    expect(await drill('exec-into-pod')).toMatchObject({
      outcome: 'not-done',
      reason: expect.stringMatching(/^POST \/api\/v1\/namespaces\/k8s-audit-drill-\w+\/pods answers 403: as told$/),
    });
    expect(asked.at(-1)).toBe(REMOVED);
  });

  it('when the deed is not done as it should be', async () => {
    answers = { 'GET /api/v1/namespaces/NS/secrets': 200 };

    expect(await drill('request-denied')).toMatchObject({ outcome: 'not-done', reason: 'the API server answers 200' });
    expect(asked.at(-1)).toBe(REMOVED);
  });

  it('when it is stopped in the middle, and then nothing more is done', async () => {
    const stop = new AbortController();
    onAsked = (what) => what.endsWith('/pods') && stop.abort();

    expect(await drill('exec-into-pod', stop.signal)).toMatchObject({ outcome: 'not-done' });
    expect(asked.slice(-2)).toEqual(['POST /api/v1/namespaces/NS/pods', REMOVED]);
  });

  it('when nobody knows whether it was made', async () => {
    answers = { [MADE]: 500 };

    await expect(drill('workload-created')).rejects.toMatchObject({ code: 'DRILL_REFUSED' });
    expect(asked).toEqual([MADE, REMOVED]);
  });

  it('or it is said how to do it by hand', async () => {
    answers = { [REMOVED]: 500 };

    await expect(drill('workload-created')).rejects.toMatchObject({
      code: 'DRILL_REFUSED',
      hint: expect.stringMatching(/^kubectl delete namespace k8s-audit-drill-[0-9a-f]{8}$/),
    });
  });
});

it('proves nothing where no Wazuh can be looked at', async () => {
  expect(await drill('workload-created')).toMatchObject({ outcome: 'unseen', status: 201 });
});
