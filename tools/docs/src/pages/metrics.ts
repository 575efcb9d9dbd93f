import { Books, BytesInFlight, createMetrics, FaultCounts, Refusals } from '@k8s-audit/receiver';

/** Only our own metrics: those of the Node process are prom-client's and documented there. */
const OWN_PREFIX = 'k8s_audit_';

/** Only names and meanings are printed. */
const NO_SPOOL = {
  undeliveredRecords: 0,
  undeliveredBytes: 0,
  diskBytes: 0,
  maxBytes: 0,
  level: 'ok',
  segments: 0,
  lostRecords: 0,
  quarantine: { files: 0, bytes: 0 },
  dedupeKeys: 0,
  dedupeEvictedEarly: 0,
  cursorLagRecords: 0,
} as const;

export async function renderMetrics(): Promise<string> {
  const books = new Books();
  const registry = createMetrics({
    books: () => books.snapshot(),
    refusals: new Refusals(),
    faults: new FaultCounts(),
    inFlight: new BytesInFlight(1),
    spool: () => NO_SPOOL,
    transport: () => ({ name: 'manager', state: undefined, pacing: undefined }),
    sources: () => [],
  });
  const metrics = (await registry.getMetricsAsJSON()).filter(({ name }) => name.startsWith(OWN_PREFIX));
  const rows = metrics.map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |`);
  return `# Metrics of the receiver

On the admin listener at \`/metrics\`, beside the usual metrics of a Node process. Events are counted by \`cluster\` and \`api_server\`, and
\`received = delivered + duplicate + filtered + quarantined + spooled\` holds at any moment.

| metric | type | meaning |
|---|---|---|
${rows.join('\n')}`;
}
