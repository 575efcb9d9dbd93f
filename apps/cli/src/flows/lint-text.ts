import type { Finding, Severity } from '@k8s-audit/audit-policy';
import { oneLine } from '../one-line.ts';
import { renderExcerpt } from '../source-excerpt.ts';
import type { LintedPolicy } from './lint-policies.ts';

/** Where each finding is explained. */
export const PAGE = 'docs/reference/policy-lint.md';

/** Findings as a person reads them: where, what, the line with a caret, what to do. */
export function renderLint(policies: readonly LintedPolicy[], isShown: (finding: Finding) => boolean): string {
  return policies.map((policy) => renderPolicyLint(policy, policy.result.findings.filter(isShown))).join('\n\n');
}

function renderPolicyLint({ file, result, applied, isWritten, diff }: LintedPolicy, findings: readonly Finding[]): string {
  return [
    ...findings.map((finding) => renderFinding(file, finding, result.text.line(finding.place.line))),
    ...(diff === '' ? [] : [diff.trimEnd()]),
    ...(applied.length === 0
      ? []
      : [
          applied
            .map(({ line, title, id }) => `${file}:${line}: ${isWritten ? 'mended' : 'would mend'}: ${oneLine(title)} (${id})`)
            .join('\n'),
        ]),
    summaryOf(file, result, findings),
  ].join('\n\n');
}

function renderFinding(file: string, finding: Finding, line: string): string {
  const { place, end, severity, id, message, advice, related, fix } = finding;
  const length = end.line === place.line ? end.column - place.column : 1;
  const flag = fix?.meaning === 'same' ? '--fix' : '--fix-all';
  return [
    `${file}:${place.line}:${place.column}: ${severity}: ${oneLine(message)} (${id})`,
    renderExcerpt(line, place.column, length),
    ...related.map((other) => `  ${file}:${other.place.line}:${other.place.column}: ${oneLine(other.message)}`),
    `  try: ${oneLine(advice)}${fix === undefined ? '' : ` [${flag}: ${oneLine(fix.title)}]`}`,
  ].join('\n');
}

function summaryOf(file: string, { reading, suppressed, isIncomplete }: LintedPolicy['result'], findings: readonly Finding[]): string {
  const loads = reading.kind === 'policy' ? 'kube-apiserver loads it' : 'kube-apiserver does not start with it';
  const hidden = suppressed === 0 ? '' : `, ${suppressed} ignored by comments`;
  const more = isIncomplete ? '; so many rules hold for the same requests that not everything was looked into' : '';
  const explained = findings.length === 0 ? '' : ` Each is explained in ${PAGE}.`;
  return `${file}: ${loads}; ${countBySeverity(findings)}${hidden}${more}.${explained}`;
}

function countBySeverity(findings: readonly Finding[]): string {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const [errors, warnings, infos] = [count('error'), count('warning'), count('info')];
  const parts = [plural(errors, 'error'), plural(warnings, 'warning'), plural(infos, 'remark')].filter((part) => part !== '');
  return parts.length === 0 ? 'no findings' : parts.join(', ');
}

function plural(count: number, name: string): string {
  return count === 0 ? '' : `${count} ${name}${count === 1 ? '' : 's'}`;
}
