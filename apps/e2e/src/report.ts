/** What came of each step. A step that was not reached counts as failed: nothing is skipped. */
export interface StepResult {
  readonly run: string;
  readonly scenario: string;
  readonly step: string;
  readonly outcome: 'passed' | 'failed';
  readonly durationMs: number;
  /** Why it failed. */
  readonly message?: string;
}

export interface Report {
  readonly startedAt: string;
  readonly durationMs: number;
  readonly cluster: string;
  readonly backend: string;
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly StepResult[];
}

export interface ReportHead {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly cluster: string;
  readonly backend: string;
}

export function summarise({ startedAtMs, endedAtMs, cluster, backend }: ReportHead, results: readonly StepResult[]): Report {
  return {
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: Math.round(endedAtMs - startedAtMs),
    cluster,
    backend,
    passed: results.filter(({ outcome }) => outcome === 'passed').length,
    failed: results.filter(({ outcome }) => outcome === 'failed').length,
    results,
  };
}

/** One line for a step, as it is printed while the tests run. */
export function renderStep({ step, outcome, durationMs, message }: StepResult): string {
  const line = `    ${outcome === 'passed' ? 'ok  ' : 'FAIL'} ${step} (${formatDuration(durationMs)})`;
  return message === undefined ? line : `${line}\n${indent(message, 9)}`;
}

/** The whole report for a person; the last line is the one that any CI reads. */
export function renderReport(report: Report): string {
  const { startedAt, durationMs, cluster, backend, results, passed, failed } = report;
  const lines = [`k8s-audit end to end, ${startedAt}: cluster ${cluster}, back end ${backend}, ${formatDuration(durationMs)}`];
  for (const [title, steps] of groupBy(results, ({ run, scenario }) => `${run} / ${scenario}`))
    lines.push('', `  ${title}`, ...steps.map(renderStep));
  const failures = results.filter(({ outcome }) => outcome === 'failed');
  if (failures.length > 0) lines.push('', 'Failed:', ...failures.map(({ run, scenario, step }) => `  ${run} / ${scenario}: ${step}`));
  return [...lines, '', `${passed} passed, ${failed} failed`, ''].join('\n');
}

function formatDuration(durationMs: number): string {
  return durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`;
}

function indent(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => `${' '.repeat(columns)}${line}`)
    .join('\n');
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
