import type { RuleView } from './context.ts';
import type { Finding } from './finding.ts';
import type { SourceText } from './source-text.ts';

/**
 * Findings that a comment has asked not to see: `# k8s-audit: ignore ID, ID: reason`. Behind something it is for that line,
 * above a rule for the whole rule, and `ignore-file` is for the file.
 */
export function isSuppressed(finding: Finding, suppressions: readonly Suppression[]): boolean {
  return suppressions.some(
    ({ ids, fromLine, toLine }) => ids.includes(finding.id) && finding.place.line >= fromLine && finding.place.line <= toLine,
  );
}

export interface Suppression {
  readonly ids: readonly string[];
  readonly fromLine: number;
  readonly toLine: number;
}

const COMMENT = /(?:^|\s)#\s*k8s-audit:\s*(ignore|ignore-file)\s+([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)/;

export function readSuppressions(text: SourceText, rules: readonly RuleView[]): readonly Suppression[] {
  const found: Suppression[] = [];
  if (!text.text.includes('k8s-audit:')) return found;
  for (let number = 1; number <= text.lineCount; number++) {
    const line = text.line(number);
    const [, scope, names = ''] = COMMENT.exec(line) ?? [];
    if (scope === undefined) continue;
    const ids = names.split(',').map((name) => name.trim());
    if (scope === 'ignore-file') found.push({ ids, fromLine: 1, toLine: text.lineCount });
    else if (line.trimStart().startsWith('#')) found.push({ ids, ...spanBelow(text, rules, number) });
    else found.push({ ids, fromLine: number, toLine: number });
  }
  return found;
}

/** The rule that begins with the next line that is no comment, or else that line. */
function spanBelow(text: SourceText, rules: readonly RuleView[], comment: number): { readonly fromLine: number; readonly toLine: number } {
  let line = comment + 1;
  while (line < text.lineCount && /^\s*(?:#.*)?$/.test(text.line(line))) line++;
  const rule = rules.find(({ data }) => data.kind === 'object' && data.place.line === line);
  return { fromLine: line, toLine: rule?.data.end.line ?? line };
}
