import { CODES } from '@k8s-audit/failure';

export function renderFailures(): string {
  const rows = Object.entries(CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return `# Failure codes

Every failure that a command prints begins with one of these codes; the second line says what to try. A code never changes its meaning.

| code | meaning |
|---|---|
${rows.join('\n')}`;
}
