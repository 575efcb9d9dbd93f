import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueServerCertificate } from '@k8s-audit/certs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { lookAtApiServer } from './api-server-sight.ts';

const MANIFEST = `apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec: {containers: [{name: kube-apiserver, command: [kube-apiserver, --audit-policy-file=/etc/p.yaml]}]}
`;

let folder: string;
let server: Server;
/** Audit events that its metrics count: more at each look. */
let events: number;
let metricsStatus: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'api-server-sight-'));
  [events, metricsStatus] = [1_000, 200];
  const ca = await createAuthority({ nowMs: Date.now() });
  const { privateKeyPem, certificatePem } = await issueServerCertificate(ca, ['127.0.0.1'], { nowMs: Date.now() });
  server = createServer({ key: privateKeyPem, cert: certificatePem }, (request, response) => {
    if (request.url === '/metrics') {
      events += 3_000;
      response.writeHead(metricsStatus).end(metrics(events));
    } else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ metadata: {}, items: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'c',
        cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': Buffer.from(ca.certificatePem).toString('base64') },
      },
    ],
    users: [{ name: 'u', user: { token: 'x' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  };
  writeFileSync(join(folder, 'admin.conf'), stringify(kubeconfig));
  writeFileSync(join(folder, 'manifest.yaml'), MANIFEST);
});
afterEach(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  rmSync(folder, { recursive: true });
});

/** Names and form of kube-apiserver (k8s.io/apiserver v0.36.3 pkg/audit/metrics.go). */
function metrics(count: number): string {
  return `# TYPE apiserver_audit_event_total counter
apiserver_audit_event_total ${count}
apiserver_audit_error_total{plugin="webhook"} 5
apiserver_audit_error_total{plugin="buffered"} 2
process_start_time_seconds ${Date.now() / 1_000 - 3_600}
`;
}

const look = (kubeconfig?: string): ReturnType<typeof lookAtApiServer> =>
  lookAtApiServer(join(folder, 'manifest.yaml'), kubeconfig, Date.now, 100);

it('counts what an API server makes now, where that is more than on average', async () => {
  const { sight, startedAtMs } = await look(join(folder, 'admin.conf'));

  expect(sight.counters).toEqual({ events: 7_000, errors: 7 });
  expect(sight.eventsPerSecond).toBeGreaterThan(100);
  expect(startedAtMs).toBeLessThan(Date.now() - 3_000_000);
});

it('says why its metrics cannot be read', async () => {
  metricsStatus = 403;
  expect((await look(join(folder, 'admin.conf'))).sight).toMatchObject({ unreadable: '/metrics answers 403' });
  server.close();
  server.closeAllConnections();
  expect((await look(join(folder, 'admin.conf'))).sight.unreadable).toContain('ECONNREFUSED');
});

it('looks at the manifest alone without a kubeconfig', async () => {
  expect((await look()).sight).toEqual({ flags: [expect.objectContaining({ name: 'audit-policy-file', value: '/etc/p.yaml' })] });
});
