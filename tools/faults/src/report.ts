import type { Check } from './findings.ts';

export interface RowResult {
  readonly id: string;
  readonly fault: string;
  readonly injection?: string;
  readonly standIn?: string;
  readonly verdict: 'passed' | 'failed' | 'not run';
  /** Why it did not run, or broke off. */
  readonly reason?: string;
  readonly checks: readonly Check[];
  /** By name with its unit, in the order in which they were measured. */
  readonly figures: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** UTC, to the minute; absent where it did not run. */
  readonly at?: string;
}

/** A whole run, as `--json` writes it and the reliability page reads it. */
export interface FaultReport {
  readonly command: string;
  /** UTC, to the minute. */
  readonly at: string;
  readonly seed: number;
  readonly isFast: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly rows: readonly RowResult[];
}

/** For the terminal: the verdict, then what was seen; of a row that passed only figures. */
export function renderResult(result: RowResult): string {
  const verdict = { passed: 'PASS', failed: 'FAIL', 'not run': 'NOT RUN' }[result.verdict];
  const lines = [`${verdict.padEnd(8)}${result.id.padEnd(4)}${result.fault}  (${result.seconds} s)`];
  if (result.standIn !== undefined) lines.push(`            stand-in: ${result.standIn}`);
  if (result.reason !== undefined) lines.push(...result.reason.split('\n').map((line) => `            ${line}`));
  for (const { criterion, claim, isHeld, seen } of result.checks)
    lines.push(`            ${isHeld ? 'ok  ' : 'FAIL'} ${criterion.padEnd(4)}${claim}: ${seen}`);
  for (const [name, value] of Object.entries(result.figures)) lines.push(`            ${name}: ${value}`);
  return lines.join('\n');
}

/** `2026-11-26 10:15`, UTC. */
export function minuteOf(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ');
}
