/** What a check is and how checks are run. The checks themselves stand beside what they check. */
export { CATEGORIES, type Category, type Check, type CheckResult, type CheckText, type Finding } from './check.ts';
export { renderResults, type Summary, summarise } from './render-results.ts';
export { type RunOptions, runChecks } from './run-checks.ts';
