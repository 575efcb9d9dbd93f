import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildReceiver } from './build-receiver.ts';
import { createCertificates } from './certificates.ts';
import { type FaultRow, isAbsent, type MatrixRow } from './fault-row.ts';
import { type Criterion, Findings, INVARIANTS } from './findings.ts';
import { randomFrom } from './random.ts';
import { minuteOf, type RowResult } from './report.ts';
import { Trial, type TrialSettings } from './trial.ts';

export interface RunSettings {
  readonly folder: string;
  readonly root: string;
  readonly isFast: boolean;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
  readonly onResult: (result: RowResult) => void;
}

/** Runs the rows: those that mostly wait side by side, the others one after another beside them. */
export async function runRows(rows: readonly MatrixRow[], settings: RunSettings): Promise<readonly RowResult[]> {
  const certificates = await createCertificates(join(settings.folder, 'certificates'));
  const program = await buildReceiver(settings.root, join(settings.folder, 'release'));
  const results = new Map<MatrixRow, RowResult>();
  const runOne = async (row: MatrixRow): Promise<void> => {
    const result = isAbsent(row) ? notRun(row.id, row.fault, row.notRun) : await runRow(row, { ...settings, certificates, program });
    results.set(row, result);
    settings.onResult(result);
  };
  const isWaiting = (row: MatrixRow): boolean => !isAbsent(row) && row.isWaiting === true;
  const waiting = Promise.all(rows.filter(isWaiting).map(runOne));
  for (const row of rows.filter((each) => !isWaiting(each))) await runOne(row);
  await waiting;
  return rows.map((row) => results.get(row) as RowResult);
}

function notRun(id: string, fault: string, reason: string): RowResult {
  return { id, fault, verdict: 'not run', reason, checks: [], figures: {}, seconds: 0 };
}

async function runRow(row: FaultRow, settings: RunSettings & Pick<TrialSettings, 'certificates' | 'program'>): Promise<RowResult> {
  const startedAt = performance.now();
  const folder = join(settings.folder, `row-${row.id}`);
  // Each row has its own chances, whichever other rows run.
  const random = randomFrom(settings.seed + row.id.split('').reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  const onProgress = (line: string): void => settings.onProgress(`row ${row.id}: ${line}`);
  let trial: Trial | undefined;
  // Whatever breaks is this row's failure: thrown further, it would leave the rows beside it running, and the command with them.
  const failures: unknown[] = [];
  const note = (error: unknown): void => void failures.push(error);
  try {
    trial = await Trial.open({ ...settings, folder, random, onProgress });
    await row.run(trial);
  } catch (error) {
    note(error);
  }
  await trial?.close().catch(note);
  const failure = failures.length === 0 ? undefined : failures.map(textOf).join('\n');
  const { checks, figures } = trial?.findings ?? new Findings();
  const missing = (Object.keys(INVARIANTS) as Criterion[]).filter((criterion) => !checks.some((each) => each.criterion === criterion));
  const reason = failure ?? (missing.length > 0 ? `the row does not assert ${missing.join(', ')}` : undefined);
  const isPassed = reason === undefined && checks.every(({ isHeld }) => isHeld);
  if (isPassed) rmSync(folder, { recursive: true, force: true });
  return {
    id: row.id,
    fault: row.fault,
    injection: row.injection,
    ...(row.standIn === undefined ? {} : { standIn: row.standIn }),
    verdict: isPassed ? 'passed' : 'failed',
    ...(reason === undefined ? {} : { reason }),
    // The page is for everybody: no folder of this machine in it.
    checks: checks.map((check) => ({ ...check, seen: check.seen.replaceAll(settings.folder, '…') })),
    figures,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    at: minuteOf(new Date()),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
