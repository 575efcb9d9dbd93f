import { CATEGORIES, type Category, type CheckResult, type Finding } from './check.ts';

const MARKS: Readonly<Record<Finding['kind'], string>> = { ok: '√', warning: '‼', failure: '×', skipped: '-' };

export interface Summary {
  readonly ok: number;
  readonly warnings: number;
  readonly failures: number;
  readonly skipped: number;
}

export function summarise(results: readonly CheckResult[]): Summary {
  const count = (kind: Finding['kind']): number => results.filter(({ finding }) => finding.kind === kind).length;
  return { ok: count('ok'), warnings: count('warning'), failures: count('failure'), skipped: count('skipped') };
}

/** The report for a person: by category, what was seen and what to do next below each complaint. */
export function renderResults(results: readonly CheckResult[], { page }: { readonly page: string }): string {
  const parts = (Object.keys(CATEGORIES) as Category[]).flatMap((category) => {
    const own = results.filter(({ check }) => check.category === category);
    return own.length === 0 ? [] : [`${CATEGORIES[category]}\n${renderPart(own, page)}`];
  });
  const { ok, warnings, failures, skipped } = summarise(results);
  return `${parts.join('\n')}\n${ok} ok, ${warnings} warnings, ${failures} failures, ${skipped} skipped\n`;
}

/** One line where none of a part was asked, for the same reason. */
function renderPart(results: readonly CheckResult[], page: string): string {
  const [first, ...others] = results.map(({ finding }) => finding);
  const isAbsent =
    others.length > 0 && first?.kind === 'skipped' && others.every(({ kind, seen }) => kind === 'skipped' && seen === first.seen);
  return isAbsent ? `  ${MARKS.skipped} not looked at: ${first.seen}\n` : results.map((result) => renderResult(result, page)).join('');
}

function renderResult({ check, finding, fixed }: CheckResult, page: string): string {
  const seen = finding.seen === undefined ? '' : `: ${finding.seen}`;
  const isSilent = finding.kind === 'ok' || finding.kind === 'skipped';
  return [
    `  ${MARKS[finding.kind]} ${check.statement}${isSilent ? seen : ''}`,
    ...(isSilent ? [] : [`      seen: ${finding.seen}`, `      next: ${finding.next}`, `      page: ${page}#${check.id}`]),
    ...(fixed === undefined ? [] : [`      mended: ${fixed}`]),
    '',
  ].join('\n');
}
