import { documentedMetrics } from '@k8s-audit/receiver';

/** Only our own metrics: those of the Node process are prom-client's and documented there. */
const OWN_PREFIX = 'k8s_audit_';

export async function renderMetrics(): Promise<string> {
  const registry = documentedMetrics();
  const metrics = (await registry.getMetricsAsJSON()).filter(({ name }) => name.startsWith(OWN_PREFIX));
  const rows = metrics.map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |`);
  return `# Metrics of the receiver

On the admin listener at \`/metrics\`, beside the usual metrics of a Node process. Events are counted by \`cluster\` and \`api_server\`, and
\`received = delivered + duplicate + filtered + quarantined + spooled\` holds at any moment.
| metric | type | meaning |
|---|---|---|
${rows.join('\n')}`;
}
