import { FINDING_KINDS, type Finding, type Severity } from '@k8s-audit/audit-policy';
import type { LintedPolicy } from './lint-policies.ts';
import { PAGE } from './lint-text.ts';

/**
 * Findings as SARIF 2.1.0 (OASIS), which code scanning takes: one run, a rule for each kind of finding, columns in
 * characters, and the fixes as replacements.
 */
export function renderLintSarif(policies: readonly LintedPolicy[], isShown: (finding: Finding) => boolean, version: string): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'k8s-audit policy lint', version, rules: FINDING_KINDS.map(ruleOf) } },
        columnKind: 'unicodeCodePoints',
        results: policies.flatMap(({ file, result }) => result.findings.filter(isShown).map((finding) => resultOf(file, finding))),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

function ruleOf({ id, title, why, remedy, severity }: (typeof FINDING_KINDS)[number]): object {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: `${remedy} See ${PAGE}#${id}.` },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function resultOf(file: string, { id, severity, message, advice, related, fix, ...span }: Finding): object {
  const place = (where: Region): object => ({ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: regionOf(where) } });
  return {
    ruleId: id,
    ruleIndex: FINDING_KINDS.findIndex((kind) => kind.id === id),
    level: LEVELS[severity],
    message: { text: `${message}; ${advice}` },
    locations: [place(span)],
    ...(related.length === 0
      ? {}
      : { relatedLocations: related.map((other, index) => ({ id: index, message: { text: other.message }, ...place(other) })) }),
    ...(fix === undefined
      ? {}
      : {
          fixes: [
            {
              description: { text: fix.title },
              artifactChanges: [
                {
                  artifactLocation: { uri: uriOf(file) },
                  replacements: fix.edits.map((edit) => ({ deletedRegion: regionOf(edit), insertedContent: { text: edit.text } })),
                },
              ],
            },
          ],
        }),
  };
}

type Region = Pick<Finding, 'place' | 'end'>;

function regionOf({ place, end }: Region): object {
  return { startLine: place.line, startColumn: place.column, endLine: end.line, endColumn: end.column };
}

/** A reference relative to wherever the command ran, or of a path from the root a file URI. */
function uriOf(file: string): string {
  const encoded = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? `file://${encoded}` : encoded;
}
