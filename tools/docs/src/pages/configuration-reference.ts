import { configurationReference } from '@k8s-audit/receiver';

export function renderConfigurationReference(): string {
  const rows = configurationReference().map(
    ({ path, environment, fallback, required, description }) =>
      `| \`${path}\` | ${required ? '(required)' : shown(path, fallback)} | ${description} | \`${environment}\` |`,
  );
  return `# Configuration of the receiver

A YAML file, given with \`--config FILE\`. An environment variable goes over the file, and \`--set KEY=VALUE\` over both. An unknown key is an
error. Sizes are bytes, or numbers with \`KiB\`, \`MiB\`, \`GiB\`. How it is used: [Run the receiver](../guides/run-the-receiver.md).

| key | default | meaning | environment |
|---|---|---|---|
${rows.join('\n')}`;
}

function shown(path: string, fallback: unknown): string {
  if (typeof fallback === 'number' && path.endsWith('Bytes')) return `\`${size(fallback)}\``;
  return fallback === undefined ? '' : `\`${JSON.stringify(fallback)}\``;
}

/** As a person would write it. */
function size(bytes: number): string {
  const unit = [
    { name: 'GiB', bytes: 2 ** 30 },
    { name: 'MiB', bytes: 2 ** 20 },
  ].find((each) => bytes % each.bytes === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit.bytes} ${unit.name}`;
}
