import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@k8s-audit/testbed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster, RunningCluster } from '../cluster.ts';
import { createMinikubeCluster } from './minikube.ts';

/**
 * Stand-ins of `minikube` and `kubectl` that write down what they are asked, with what environment, and answer as recorded below. They hold our half:
 * which files go where, which flags, in which order things end.
 */
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'minikube-cluster-'));
  for (const name of ['bin', 'home', 'files']) mkdirSync(join(folder, name));
  const authority = await createAuthority('minikubeCA');
  writeFileSync(join(folder, 'home/ca.crt'), authority.certificate);
  writeFileSync(join(folder, 'home/ca.key'), authority.key);
  standIn(
    'minikube',
    `
case "$*" in
  *version*) echo v1.38.1 ;;
  *"ip -4 route"*) echo "default via 192.168.49.1 dev eth0" ;;
  *"cat /var/log/pods"*) cat ${folder}/api-server.log ;;
esac`,
  );
  standIn(
    'kubectl',
    `
case "$*" in
  *"config view"*) cat ${folder}/kubeconfig ;;
  *metrics*) printf 'apiserver_audit_event_total 7\\napiserver_audit_error_total{plugin="webhook"} 2\\n' ;;
esac`,
  );
  writeFileSync(join(folder, 'kubeconfig'), KUBECONFIG);
  writeFileSync(join(folder, 'api-server.log'), API_SERVER_LOG);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KUBECONFIG = `clusters:
- cluster:
    server: https://192.168.49.2:8443
users:
- user:
    client-certificate-data: QQ==
    client-key-data: QQ==
`;
const EVENT = (id: string): string =>
  `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"${id}","stage":"ResponseComplete","requestURI":"/x","verb":"get"}`;
const API_SERVER_LOG = `2026-11-26T05:00:00.1Z stderr F I1126 05:00:00.1 1 server.go:1] started
2026-11-26T05:00:00.2Z stdout F ${EVENT('one')}
2026-11-26T05:00:00.3Z stdout P ${EVENT('two').slice(0, 60)}
2026-11-26T05:00:00.3Z stdout F ${EVENT('two').slice(60)}
2026-11-26T05:00:00.4Z stdout F ${EVENT('late')}
2026-11-26T05:00:00.5Z stderr F E1126 05:00:00.5 1 metrics.go:110] Error in audit plugin 'buffered' affecting 1 audit events: audit backend shut down
2026-11-26T05:00:00.5Z stderr F Impacted events:
2026-11-26T05:00:00.5Z stderr F 2026-11-26T05:00:00.4Z AUDIT: id="late" stage="ResponseComplete" ip="10.0.0.1" method="get"
`;

function standIn(name: string, answers: string): void {
  const path = join(folder, 'bin', name);
  writeFileSync(
    path,
    `#!/bin/sh\necho "${name} $*" >> ${folder}/asked\necho "$MINIKUBE_HOME $KUBECONFIG" >> ${folder}/environment\n${answers}\n`,
  );
  chmodSync(path, 0o755);
}
const asked = (): readonly string[] => readFileSync(join(folder, 'asked'), 'utf8').trimEnd().split('\n');
const cluster = (env: NodeJS.ProcessEnv = {}): Cluster =>
  createMinikubeCluster({ home: join(folder, 'home'), env: { PATH: `${join(folder, 'bin')}:/bin:/usr/bin`, ...env } });
const inNode = (name: string): string => readFileSync(join(folder, 'home/files/etc/ssl/certs/k8s-audit', name), 'utf8');

async function start(): Promise<RunningCluster> {
  const at = (name: string, text: string): string => {
    writeFileSync(join(folder, 'files', name), text);
    return join(folder, 'files', name);
  };
  const certificate = at('audit-client.crt', 'a certificate');
  const webhook = at(
    'webhook.yaml',
    `certificate-authority: ${at('audit-ca.cert', 'an authority')}\nclient-certificate: "${certificate}"\nclient-key: ${at('audit-client.key', 'a key')}\n`,
  );
  return await cluster().start({
    folder: join(folder, 'cluster'),
    onProgress: () => {},
    apiServers: [
      {
        name: 'kube-apiserver-1',
        auditFlags: [
          `--audit-policy-file=${at('policy.yaml', 'a policy')}`,
          `--audit-webhook-config-file=${webhook}`,
          '--audit-webhook-batch-max-wait=1s',
        ],
      },
    ],
  });
}

it('brings every file to where the API server sees it, under names that are no authorities of the node', async () => {
  await start();

  expect(inNode('webhook.yaml')).toBe(`certificate-authority: /etc/ssl/certs/k8s-audit/audit-ca.cert
client-certificate: /etc/ssl/certs/k8s-audit/audit-client.cert
client-key: /etc/ssl/certs/k8s-audit/audit-client.key
`);
  expect(['policy.yaml', 'audit-ca.cert', 'audit-client.cert', 'audit-client.key'].map(inNode)).toEqual([
    'a policy',
    'an authority',
    'a certificate',
    'a key',
  ]);
  expect(existsSync(join(folder, 'home/files/etc/ssl/certs/k8s-audit/audit-client.crt'))).toBe(false);
});

it('starts with the flags as the API server knows them, in a home of its own', async () => {
  await start();

  expect(asked()[0]).toBe(
    'minikube --profile k8s-audit-e2e start --driver=docker --wait=all ' +
      '--extra-config=apiserver.audit-policy-file=/etc/ssl/certs/k8s-audit/policy.yaml ' +
      '--extra-config=apiserver.audit-webhook-config-file=/etc/ssl/certs/k8s-audit/webhook.yaml ' +
      '--extra-config=apiserver.audit-webhook-batch-max-wait=1s ' +
      '--extra-config=apiserver.audit-log-path=- --extra-config=apiserver.audit-log-format=json',
  );
  expect(new Set(readFileSync(join(folder, 'environment'), 'utf8').trimEnd().split('\n'))).toEqual(
    new Set([`${folder}/home ${folder}/home/kubeconfig`]),
  );
});

it('tells addresses, counters and users', async () => {
  const running = await start();
  const [server] = running.apiServers;

  expect([running.clientAddress, server?.url]).toEqual(['192.168.49.1', 'https://192.168.49.2:8443']);
  expect(await server?.auditCounters()).toEqual({ events: 7, errors: { webhook: 2 } });
  expect(running.kubeconfig('admin', 0)).toBe(KUBECONFIG);
  const [, data = ''] = /client-certificate-data: (\S+)/.exec(running.kubeconfig('restricted', 0)) ?? [];
  const certificate = new X509Certificate(Buffer.from(data, 'base64'));
  expect(certificate.subject).toBe('CN=jane\nO=developers');
  expect(certificate.checkIssued(new X509Certificate(readFileSync(join(folder, 'home/ca.crt'))))).toBe(true);
  expect(await running.nodeForPods()).toBeUndefined();
});

it('ends the kubelet, then the API server with time to flush, reads what it made, and deletes the node', async () => {
  const running = await start();
  const before = asked().length;
  expect(await running.stop()).toEqual({ complaints: [] });

  expect(asked().slice(before)).toEqual([
    'minikube --profile k8s-audit-e2e ssh -- sudo systemctl stop kubelet',
    'minikube --profile k8s-audit-e2e ssh -- sudo crictl stop --timeout 75 $(sudo crictl ps --quiet --name kube-apiserver)',
    'minikube --profile k8s-audit-e2e ssh -- sudo sh -c "cat /var/log/pods/kube-system_kube-apiserver-*/kube-apiserver/*.log"',
    'minikube --profile k8s-audit-e2e delete',
  ]);
  const witness = await running.apiServers[0]?.witness();
  expect(witness?.sent.map(({ auditID }) => auditID)).toEqual(['one', 'two']);
  expect(witness?.surrendered.map(({ auditID }) => auditID)).toEqual(['late']);
});

it('complains, and deletes the node, when the end goes wrong', async () => {
  const running = await start();
  standIn('minikube', 'case "$*" in *crictl*) echo "no such container" >&2; exit 1 ;; esac');

  expect((await running.stop()).complaints).toEqual([expect.stringMatching(/crictl stop .*: no such container$/)]);
  expect(asked().at(-1)).toBe('minikube --profile k8s-audit-e2e delete');
});

describe('before the first run', () => {
  it('takes away what an interrupted run has left', async () => {
    const progress: string[] = [];
    await cluster({ K8S_AUDIT_E2E_MINIKUBE_DRIVER: 'podman' }).prepare((line) => progress.push(line), new AbortController().signal);

    expect(progress).toEqual(['minikube v1.38.1, driver podman']);
    expect(asked().at(-1)).toBe('minikube --profile k8s-audit-e2e delete');
  });

  it('names a program that is missing, and how it is installed', async () => {
    rmSync(join(folder, 'bin/kubectl'));

    await expect(cluster({ PATH: join(folder, 'bin') }).prepare(() => {}, new AbortController().signal)).rejects.toMatchObject({
      code: 'CLUSTER_COMMAND_FAILED',
      message: expect.stringContaining('there is no program kubectl'),
      hint: expect.stringContaining('k8s-audit minikube setup'),
    });
  });

  it('does not make this machine a node, nor edit manifests that it does not have', async () => {
    const none = cluster({ K8S_AUDIT_E2E_MINIKUBE_DRIVER: 'none' });
    await expect(none.prepare(() => {}, new AbortController().signal)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(cluster().start({ folder, apiServers: [], onProgress: () => {}, fromManifests: true })).rejects.toMatchObject({
      code: 'USAGE',
    });
  });
});
