import { configurationReference } from '@k8s-audit/receiver';

export function renderConfigurationReference(): string {
  const rows = configurationReference().map(
    ({ path, environment, fallback, description }) =>
      `| \`${path}\` | ${fallback === undefined ? '(required)' : `\`${JSON.stringify(fallback)}\``} | ${description} | \`${environment}\` |`,
  );
  return `# Configuration of the receiver

A YAML file, given with \`--config FILE\`. An environment variable goes over the file, and \`--set KEY=VALUE\` over both. An unknown key is an
error. Sizes are bytes, or numbers with \`KiB\`, \`MiB\`, \`GiB\`.

| key | default | meaning | environment |
|---|---|---|---|
${rows.join('\n')}`;
}
