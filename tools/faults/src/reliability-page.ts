import { isAbsent, type MatrixRow } from './fault-row.ts';
import { INVARIANTS } from './findings.ts';
import type { FaultReport, RowResult } from './report.ts';

/**
 * The reliability page: every row of the matrix, with what the kept run saw of it. Rows come from the table in the code, so that one
 * that was added since, or that the run left out, shows as NOT RUN instead of not at all.
 */
export function renderReliabilityPage(rows: readonly MatrixRow[], report: FaultReport): string {
  const results = rows.map((row) => resultOf(row, report));
  const count = (verdict: RowResult['verdict']): number => results.filter((each) => each.verdict === verdict).length;
  const environment = Object.entries(report.environment).map(([name, value]) => `${name} ${value}`);
  return `# Reliability

What the receiver promises under faults, and what was seen of it. Made by \`npm run faults -- --write\`; do not edit it. The receiver that runs is
the real one, as a process of its own, with real sockets, a real disk and real TLS. An oracle outside of it issues events whose
content follows from their number, notes which of them got a 2xx, and checks each datagram that arrives where Wazuh's socket would be.

**${count('passed')} rows passed, ${count('failed')} failed, ${count('not run')} did not run.** Command: \`npm run faults\`; each row says when it was run.
Environment: ${environment.join(', ')}; other work ran beside it on the same machine, so times are upper bounds.

Each row that runs asserts the invariants, beside its own criterion:

${Object.entries(INVARIANTS)
  .map(([name, text]) => `- **${name}** ${text}`)
  .join('\n')}

Books begin with a process: where a row ends processes, I2 shows those of the last one. What A3 offered, and neither lost nor delivered, waited in
the API server's own buffer of 10,000 events when the row ended.

| row | fault | verdict | figures |
|---|---|---|---|
${results.map(renderSummary).join('\n')}

${results
  .filter(({ verdict }) => verdict !== 'not run')
  .map(renderSection)
  .join('\n\n')}`;
}

const VERDICTS = { passed: 'passed', failed: '**FAILED**', 'not run': 'NOT RUN' } as const;

function resultOf(row: MatrixRow, report: FaultReport): RowResult {
  const nothing = { id: row.id, fault: row.fault, verdict: 'not run', checks: [], figures: {}, seconds: 0 } as const;
  if (isAbsent(row)) return { ...nothing, reason: row.notRun };
  const found = report.rows.find(({ id }) => id === row.id);
  if (found === undefined) return { ...nothing, reason: 'it is no part of the run that is kept; `npm run faults` runs it' };
  return { ...found, fault: row.fault, injection: row.injection };
}

function renderSummary({ id, fault, verdict, figures, reason }: RowResult): string {
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  const text = verdict === 'not run' ? (reason ?? '') : shown.join('; ');
  return `| ${id} | ${cell(fault)} | ${VERDICTS[verdict]} | ${cell(text)} |`;
}

function renderSection({ id, fault, injection, standIn, checks, reason, seconds, at }: RowResult): string {
  const lines = [`## ${id}. ${fault}`, '', `Injected: ${injection}. ${minutes(seconds)}, ${at} UTC.`];
  if (standIn !== undefined) lines.push('', `Stand-in: ${standIn}.`);
  if (reason !== undefined) lines.push('', `It broke off: ${cell(reason.split('\n')[0] ?? '')}`);
  lines.push('', '| | must hold | held | seen |', '|---|---|---|---|');
  for (const { criterion, claim, isHeld, seen } of checks)
    lines.push(`| ${criterion} | ${cell(claim)} | ${isHeld ? 'yes' : '**no**'} | ${cell(seen)} |`);
  return lines.join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}

function minutes(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
