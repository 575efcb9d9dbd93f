/** What the documentation is made from. The runs themselves are a program: `main.ts`. */
import { readKeptReport } from './kept-report.ts';
import { renderReliabilityPage } from './reliability-page.ts';
import { ROWS } from './rows/index.ts';

/** docs/reference/reliability.md, from the latest whole run that was kept. */
export function renderReliability(): string {
  return renderReliabilityPage(ROWS, readKeptReport());
}
