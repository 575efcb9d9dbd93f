import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderWebhookKubeconfig, type WebhookKubeconfig } from './webhook-kubeconfig.ts';

const CONFIG: WebhookKubeconfig = {
  address: { host: '10.0.0.7', port: 8080 },
  cluster: 'prod-eu',
  authorityPath: '/etc/kubernetes/audit/audit-ca.cert',
  certificatePath: '/etc/kubernetes/audit/audit-client.cert',
  keyPath: '/etc/kubernetes/audit/audit-client.key',
};

it('pins the authority, shows the client certificate, and names the cluster in the path', () => {
  expect(
    renderWebhookKubeconfig(CONFIG),
  ).toBe(`# Where this API server sends its audit events: the file of --audit-webhook-config-file. It is read once, at start.
# The client certificate's files are read again every five minutes; the CA file only at start before Kubernetes 1.36.
apiVersion: v1
kind: Config
clusters:
  - name: k8s-audit
    cluster:
      server: https://10.0.0.7:8080/prod-eu
      certificate-authority: /etc/kubernetes/audit/audit-ca.cert
users:
  - name: kube-apiserver
    user:
      client-certificate: /etc/kubernetes/audit/audit-client.cert
      client-key: /etc/kubernetes/audit/audit-client.key
contexts:
  - name: k8s-audit
    context:
      cluster: k8s-audit
      user: kube-apiserver
current-context: k8s-audit
`);
});

it('shows a token where there can be no certificate', () => {
  const [, user] = clusterAndUser(renderWebhookKubeconfig({ ...CONFIG, tokenPath: '/etc/kubernetes/audit/webhook.token' }));

  expect(user).toEqual({ tokenFile: '/etc/kubernetes/audit/webhook.token' });
});

it('keeps paths and names that YAML would take for something else', () => {
  const odd = { authorityPath: 'yes', certificatePath: 'C: #1', keyPath: `a'b"c`, tlsServerName: '1e3', apiServer: '1e3' };
  const [cluster, user] = clusterAndUser(renderWebhookKubeconfig({ ...CONFIG, ...odd }));

  expect(cluster).toEqual({ server: 'https://10.0.0.7:8080/prod-eu/1e3', 'certificate-authority': 'yes', 'tls-server-name': '1e3' });
  expect(user).toEqual({ 'client-certificate': 'C: #1', 'client-key': `a'b"c` });
});

it('leaves no line that an API server would refuse or that would switch the verification off', () => {
  const text = renderWebhookKubeconfig(CONFIG);
  expect(text).not.toMatch(/insecure|-data:|http:|token/);
});

it.each(['', '/etc/kubernetes/audit/', 'a\nb', 'a\0', 'a\x7f'])('refuses the path %j', (path) => {
  expect(() => renderWebhookKubeconfig({ ...CONFIG, keyPath: path })).toThrow(expect.objectContaining({ code: 'WEBHOOK_PATH_INVALID' }));
});

/** As Go reads it: YAML 1.1, in which `yes` is true. */
function clusterAndUser(text: string): readonly [unknown, unknown] {
  const document = parse(text, { version: '1.1' }) as { clusters: [{ cluster: unknown }]; users: [{ user: unknown }] };
  return [document.clusters[0].cluster, document.users[0].user];
}
