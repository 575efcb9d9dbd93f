import { FINDING_FAMILIES, type FindingKind, fixPolicy, type LintResult, lintPolicy } from '@k8s-audit/audit-policy';

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n';

/** Every finding with an example, what is said of it and what `--fix-all` makes of it: run now, not written by hand. */
export function renderPolicyLint(): string {
  return `# Findings of \`policy lint\`

\`k8s-audit policy lint FILE…\` reads an audit policy as kube-apiserver does and reports what it accepts in silence. **error**: the policy does not do what it
says, or the API server does not start with it. **warning**: it does, and somebody will be sorry. **info**: worth knowing. Without more said the exit code is 1
from warnings on (\`--fail-on\`).

\`--fix\` mends what can be mended without changing the decision about any request; \`--fix-all\` also what makes the policy mean what its text says. Both change
ranges of the text, keep comments and order, and keep a change only when the text read again is what was promised. \`--dry-run\` shows the diff.

A comment keeps findings away: \`# k8s-audit: ignore ID, ID: reason\` behind something is for that line, above a rule for the whole rule;
\`# k8s-audit: ignore-file ID\` is for the file.

Names of resources and groups are those of Kubernetes 1.35, alpha ones included; groups of custom resources are not judged. That a rule is never reached is
proved, not guessed: by exhausting what users, groups, verbs, namespaces, resources, names and paths the rules can tell apart, values that no rule names included.

| finding | severity | |
|---|---|---|
${FINDING_FAMILIES.flatMap(({ kinds }) => kinds.map(({ id, severity, title }) => `| [\`${id}\`](#${id}) | ${severity} | ${title} |`)).join('\n')}

${FINDING_FAMILIES.map(({ title, kinds }) => `## ${title}\n\n${kinds.map(renderKind).join('\n\n')}`).join('\n\n')}`;
}

function renderKind(kind: FindingKind): string {
  const { id, severity, title, why, remedy, example, exampleVersion } = kind;
  const text = example.startsWith('apiVersion') ? example : HEAD + example;
  const options = exampleVersion === undefined ? {} : { kubernetesVersion: exampleVersion };
  const findings = lintPolicy(text, options).findings.filter((finding) => finding.id === id);
  const version = exampleVersion === undefined ? '' : ` (with --kubernetes-version ${exampleVersion})`;
  return `### ${id}

**${severity}: ${title}**

${why}

\`\`\`yaml
${example.trimEnd()}
\`\`\`

\`\`\`text
${findings.map(({ message, place }) => `line ${place.line - (text === example ? 0 : 3)}: ${message}${version}`).join('\n')}
\`\`\`

${remedy}${renderFix(text, id, options)}`;
}

/** What becomes of the example when only this finding is mended. */
function renderFix(text: string, id: string, options: Parameters<typeof lintPolicy>[1]): string {
  const meaning = fixMeaning(lintPolicy(text, options), id);
  if (meaning === undefined) return '';
  const { applied } = fixPolicy(text, { ...options, meaning });
  const titles = [...new Set(applied.filter((one) => one.id === id).map(({ title }) => title))];
  return titles.length === 0 ? '' : `\n\n\`${meaning === 'same' ? '--fix' : '--fix-all'}\` would: ${titles.join('; ')}.`;
}

function fixMeaning({ findings }: LintResult, id: string): 'same' | 'stated' | undefined {
  return findings.find((finding) => finding.id === id && finding.fix !== undefined)?.fix?.meaning;
}
