import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderReliabilityPage } from './reliability-page.ts';
import type { FaultReport } from './report.ts';
import { ROWS } from './rows/index.ts';

/** The latest whole run: what the reliability page is made from. */
const FILE = join(import.meta.dirname, '../latest-run.json');
const PAGE = join(import.meta.dirname, '../../../docs/reference/reliability.md');

/** Rows that this run left out stay as an earlier one found them. */
export function keepReport(latest: FaultReport): void {
  const earlier = existsSync(FILE) ? readKeptReport().rows : [];
  const kept = earlier.filter(({ id }) => !latest.rows.some((row) => row.id === id));
  const report = { ...latest, rows: [...kept, ...latest.rows] };
  writeFileSync(FILE, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(PAGE, `${renderReliabilityPage(ROWS, report).trim()}\n`);
}

export function readKeptReport(): FaultReport {
  return JSON.parse(readFileSync(FILE, 'utf8')) as FaultReport;
}
