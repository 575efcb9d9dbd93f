/** `npm run faults -- [--row 1,2] [--fast] [--json FILE] [--write] [--seed N] [--keep] [--list]`: the fault matrix. Ends with `N passed, N failed`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { explainFailure, Failure } from '@k8s-audit/failure';
import { describeEnvironment } from './environment.ts';
import { isAbsent } from './fault-row.ts';
import { keepReport } from './kept-report.ts';
import { parseOptions, type RunOptions, USAGE } from './options.ts';
import { type FaultReport, minuteOf, type RowResult, renderResult } from './report.ts';
import { ROWS } from './rows/index.ts';
import { runRows } from './run-rows.ts';

void main();

/** The only place that catches, prints and sets the exit code. */
async function main(): Promise<void> {
  try {
    const options = parseOptions(process.argv.slice(2), ROWS);
    if (options.kind === 'help') say(USAGE);
    else if (options.kind === 'list')
      for (const row of ROWS) say(`${row.id.padEnd(4)}${row.fault}${isAbsent(row) ? `  (${row.notRun})` : ''}`);
    else await run(options);
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\n`);
    process.exitCode = error instanceof Failure && error.code === 'USAGE' ? 2 : 1;
    if (process.exitCode === 1) say('\n0 passed, 1 failed');
  }
}

async function run(options: RunOptions): Promise<void> {
  const root = resolve(import.meta.dirname, '../../..');
  const folder = mkdtempSync(join(tmpdir(), 'k8s-audit-faults-'));
  const startedAt = performance.now();
  say(`seed ${options.seed}; ${options.rows.length} rows${options.isFast ? ', the fast subset' : ''}`);
  const reportOf = (rows: readonly RowResult[]): FaultReport => ({
    command: ['npm run faults', ...(options.shown.length > 0 ? ['--', ...options.shown] : [])].join(' '),
    at: minuteOf(new Date()),
    seed: options.seed,
    isFast: options.isFast,
    environment: describeEnvironment(),
    seconds: Math.round((performance.now() - startedAt) / 1000),
    rows,
  });
  const results = await runRows(options.rows, {
    folder,
    root,
    isFast: options.isFast,
    seed: options.seed,
    onProgress: (line) => process.stderr.write(`faults: ${line}\n`),
    onResult: (result) => {
      say(renderResult(result));
      // A long run that is broken off leaves what it found.
      if (options.write) keepReport(reportOf([result]));
    },
  });
  const report = reportOf(results);
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  if (options.write) keepReport(report);
  const count = (verdict: string): number => results.filter((each) => each.verdict === verdict).length;
  if (count('failed') > 0 || options.keep) say(`files and logs of what failed: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  say(`\n${count('not run')} not run, ${report.seconds} s`);
  say(`${count('passed')} passed, ${count('failed')} failed`);
  process.exitCode = count('failed') === 0 && count('passed') > 0 ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
